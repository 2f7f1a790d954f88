/* hooks.c - see hooks.h */
#include "link/hooks.h"

#include <assert.h>
#include <event2/event.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/hooks.h"
#include "link/hook_post.h"
#include "plugin/curl_loop.h"

enum {
	PER_HOOK = 4,
	RETRY_MS = 1000,        /* after a store that was busy or failing */
	LONGEST_MS = 60 * 1000, /* the clock may be set */
	PAUSE_LEAST_MS = 500,
	PAUSE_MOST_MS = 60 * 1000,
	SWEEP_S = 3600,
	CONNECTIONS_KEPT = 4,
};

/* A hook that failed last; forgotten when it takes something. */
struct failing {
	uint64_t hook_id;
	unsigned failures;
	int64_t not_before_mono_ms;
};

struct hooks {
	struct hooks_config config;
	struct curl_loop *loop; /* made at the first post */
	struct event *timer, *sweep_timer;
	bool is_reading, is_settling, is_sweeping, wants_more, is_stopping;
	bool has_old_connections;
	struct post *running[HOOK_POSTS_MOST];
	size_t running_count;
	/* finished, to be settled; while settling, the first done.count are in the hands of the writer */
	struct post *finished[HOOK_POSTS_MOST];
	struct hook_result results[HOOK_POSTS_MOST];
	size_t finished_count;
	struct failing *failing;
	size_t failing_count;
	struct hook_due due;
	struct hook_settle done;
	uint64_t under_way[HOOK_POSTS_MOST];
	struct hook_room *rooms;
	struct hook_sweep sweep;
};

static void pump(struct hooks *hooks);

/* The store hands one pointer to a function and to its done: the hooks, from which each takes its part. */
static enum err read_due(struct snapshot *snap, void *arg)
{
	return hook_due(snap, &((struct hooks *)arg)->due);
}

static enum err write_settle(struct txn *txn, void *arg)
{
	return hook_settle(txn, &((struct hooks *)arg)->done);
}

static enum err write_sweep(struct txn *txn, void *arg)
{
	return hook_sweep(txn, &((struct hooks *)arg)->sweep);
}

static void arm(struct hooks *hooks, int64_t wait_ms)
{
	if (wait_ms > LONGEST_MS)
		wait_ms = LONGEST_MS;
	if (wait_ms < 1)
		wait_ms = 1;
	const struct timeval after = {wait_ms / 1000, wait_ms % 1000 * 1000};
	event_add(hooks->timer, &after);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct hooks *hooks = arg;
	(void)fd, (void)what;
	hooks->wants_more = true;
	pump(hooks);
}

/* --- hooks that fail ---------------------------------------------------------------------------------------------- */

static struct failing *find_failing(struct hooks *hooks, uint64_t hook_id)
{
	for (size_t i = 0; i < hooks->failing_count; i++)
		if (hooks->failing[i].hook_id == hook_id)
			return &hooks->failing[i];
	return NULL;
}

static void forget_failing(struct hooks *hooks, uint64_t hook_id)
{
	struct failing *failing = find_failing(hooks, hook_id);
	if (failing)
		*failing = hooks->failing[--hooks->failing_count];
}

static void count_failure(struct hooks *hooks, uint64_t hook_id)
{
	struct failing *failing = find_failing(hooks, hook_id);
	if (!failing) {
		hooks->failing =
			mem_realloc(hooks->failing, (hooks->failing_count + 1) *
							    sizeof(struct failing));
		failing = &hooks->failing[hooks->failing_count++];
		*failing = (struct failing){.hook_id = hook_id};
	}
	int64_t pause = PAUSE_MOST_MS;
	if (failing->failures < 7)
		pause = (int64_t)PAUSE_LEAST_MS << failing->failures;
	failing->failures++;
	failing->not_before_mono_ms =
		clock_mono_ms() + (pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS);
}

static void judge_hook(struct hooks *hooks, const struct post *post)
{
	if (post_result(post).outcome == HOOK_AGAIN)
		count_failure(hooks, post_hook(post));
	else
		forget_failing(hooks, post_hook(post));
}

/* --- settling ----------------------------------------------------------------------------------------------------- */

static void settled(void *arg, enum err err)
{
	struct hooks *hooks = arg;
	size_t count = hooks->done.count;
	hooks->is_settling = false;
	if (err != ERR_OK) {
		log_warn("hooks",
			 "answers cannot be written and are tried again error=%s",
			 err_code(err));
		arm(hooks, RETRY_MS);
		return;
	}
	for (size_t i = 0; i < count; i++)
		post_free(&hooks->finished[i]);
	hooks->finished_count -= count;
	memmove(hooks->finished, hooks->finished + count,
		hooks->finished_count * sizeof(hooks->finished[0]));
	hooks->wants_more = true;
	pump(hooks);
}

static void settle(struct hooks *hooks)
{
	if (hooks->is_settling || !hooks->finished_count)
		return;
	for (size_t i = 0; i < hooks->finished_count; i++)
		hooks->results[i] = post_result(hooks->finished[i]);
	hooks->done = (struct hook_settle){hooks->results, hooks->finished_count};
	hooks->is_settling = true;
	if (store_write_patient(hooks->config.store, write_settle, settled, hooks) !=
	    ERR_OK) {
		hooks->is_settling = false;
		arm(hooks, RETRY_MS);
	}
}

static void finished(void *arg, struct post *post)
{
	struct hooks *hooks = arg;
	size_t at = 0;
	FAULT_POINT("hook_answered");
	while (hooks->running[at] != post)
		at++;
	hooks->running[at] = hooks->running[--hooks->running_count];
	hooks->finished[hooks->finished_count++] = post;
	judge_hook(hooks, post);
	log_debug("hooks", "posted id=%llu answer=\"%s\"",
		  (unsigned long long)post_id(post), post_result(post).answer);
	pump(hooks);
}

/* --- posting ------------------------------------------------------------------------------------------------------ */

static void ready_loop(struct hooks *hooks)
{
	if (hooks->has_old_connections && !hooks->running_count &&
	    !hooks->finished_count)
		curl_loop_free(&hooks->loop);
	hooks->has_old_connections = hooks->has_old_connections && hooks->loop;
	if (!hooks->loop)
		hooks->loop = curl_loop_new(hooks->config.base, CONNECTIONS_KEPT);
}

static void post_all(struct hooks *hooks)
{
	if (hooks->due.count)
		ready_loop(hooks);
	for (size_t i = 0; i < hooks->due.count; i++) {
		assert(hooks->running_count + hooks->finished_count < HOOK_POSTS_MOST);
		hooks->running[hooks->running_count++] =
			post_new(&(struct post_start){.loop = hooks->loop,
						      .what = &hooks->due.posts[i],
						      .allow = hooks->config.allow,
						      .finished = finished,
						      .arg = hooks});
	}
}

/* When to look again: at what falls due, and at hooks whose pause ends. */
static void arm_next(struct hooks *hooks)
{
	int64_t wait_ms = INT64_MAX, now = clock_mono_ms();
	if (hooks->due.next_at)
		wait_ms = hooks->due.next_at - clock_now_ms(&clock_real) + 1;
	for (size_t i = 0; i < hooks->failing_count; i++) {
		int64_t pause = hooks->failing[i].not_before_mono_ms - now;
		if (pause > 0 && pause < wait_ms)
			wait_ms = pause;
	}
	if (wait_ms != INT64_MAX)
		arm(hooks, wait_ms);
}

static void was_read(void *arg, enum err err)
{
	struct hooks *hooks = arg;
	hooks->is_reading = false;
	if (err != ERR_OK) {
		log_warn("hooks", "cannot read what is due error=%s", err_code(err));
		arm(hooks, RETRY_MS);
		return;
	}
	if (hooks->is_stopping)
		return;
	post_all(hooks);
	arm_next(hooks);
	hooks->wants_more |= hooks->due.has_more;
	pump(hooks);
}

static unsigned running_of(const struct hooks *hooks, uint64_t hook_id)
{
	unsigned count = 0;
	for (size_t i = 0; i < hooks->running_count; i++)
		count += post_hook(hooks->running[i]) == hook_id;
	return count;
}

static unsigned places_of(struct hooks *hooks, uint64_t hook_id)
{
	const struct failing *failing = find_failing(hooks, hook_id);
	unsigned running = running_of(hooks, hook_id);
	if (failing)
		return !running && clock_mono_ms() >= failing->not_before_mono_ms;
	return running < PER_HOOK ? PER_HOOK - running : 0;
}

/* Hooks that are not named have all their places. */
static size_t name_rooms(struct hooks *hooks)
{
	size_t count = 0;
	hooks->rooms =
		mem_realloc(hooks->rooms, (hooks->failing_count + HOOK_POSTS_MOST) *
						  sizeof(struct hook_room));
	for (size_t i = 0; i < hooks->failing_count + hooks->running_count; i++) {
		uint64_t id =
			i < hooks->failing_count
				? hooks->failing[i].hook_id
				: post_hook(hooks->running[i - hooks->failing_count]);
		hooks->rooms[count++] = (struct hook_room){id, places_of(hooks, id)};
	}
	return count;
}

static void read_more(struct hooks *hooks)
{
	size_t under_way = 0;
	for (size_t i = 0; i < hooks->running_count; i++)
		hooks->under_way[under_way++] = post_id(hooks->running[i]);
	for (size_t i = 0; i < hooks->finished_count; i++)
		hooks->under_way[under_way++] = post_id(hooks->finished[i]);
	if (under_way == HOOK_POSTS_MOST)
		return; /* the next one that is settled asks again */
	hooks->wants_more = false;
	hooks->due = (struct hook_due){.limit = HOOK_POSTS_MOST - under_way,
				       .per_hook = PER_HOOK,
				       .room_count = name_rooms(hooks),
				       .under_way = hooks->under_way,
				       .under_way_count = under_way};
	hooks->due.rooms = hooks->rooms;
	hooks->is_reading = true;
	if (store_read(hooks->config.store, read_due, was_read, hooks) != ERR_OK) {
		hooks->is_reading = false;
		hooks->wants_more = true;
		arm(hooks, RETRY_MS);
	}
}

static void pump(struct hooks *hooks)
{
	settle(hooks);
	if (hooks->wants_more && !hooks->is_reading && !hooks->is_stopping)
		read_more(hooks);
}

/* --- what time does ----------------------------------------------------------------------------------------------- */

static void sweep(struct hooks *hooks);

static void swept(void *arg, enum err err)
{
	struct hooks *hooks = arg;
	hooks->is_sweeping = false;
	if (err != ERR_OK)
		log_warn("hooks", "cannot tidy up error=%s", err_code(err));
	else if (!hooks->sweep.is_done)
		sweep(hooks);
}

static void sweep(struct hooks *hooks)
{
	if (hooks->is_sweeping || hooks->is_stopping)
		return;
	hooks->is_sweeping = store_write_patient(hooks->config.store, write_sweep,
						 swept, hooks) == ERR_OK;
}

static void on_sweep_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	sweep(arg);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

struct hooks *hooks_new(const struct hooks_config *config)
{
	const struct timeval hourly = {SWEEP_S, 0};
	struct hooks *hooks = MEM_NEW(struct hooks);
	hooks->config = *config;
	hooks->timer = event_new(config->base, -1, 0, on_timer, hooks);
	hooks->sweep_timer =
		event_new(config->base, -1, EV_PERSIST, on_sweep_timer, hooks);
	event_add(hooks->sweep_timer, &hourly);
	sweep(hooks);
	hooks_wake(hooks);
	return hooks;
}

void hooks_wake(struct hooks *hooks)
{
	hooks->wants_more = true;
	pump(hooks);
}

void hooks_set_allow(struct hooks *hooks, const char *const *allow)
{
	hooks->config.allow = allow;
	hooks->has_old_connections = hooks->loop != NULL;
}

void hooks_stop(struct hooks *hooks)
{
	hooks->is_stopping = true;
	event_del(hooks->timer);
	event_del(hooks->sweep_timer);
}

bool hooks_is_idle(const struct hooks *hooks)
{
	return !hooks->running_count && !hooks->finished_count;
}

void hooks_free(struct hooks **hooks_ptr)
{
	struct hooks *hooks = *hooks_ptr;
	*hooks_ptr = NULL;
	if (!hooks)
		return;
	for (size_t i = 0; i < hooks->running_count; i++)
		post_free(&hooks->running[i]);
	for (size_t i = 0; i < hooks->finished_count; i++)
		post_free(&hooks->finished[i]);
	curl_loop_free(&hooks->loop);
	event_free(hooks->timer);
	event_free(hooks->sweep_timer);
	mem_free(hooks->failing);
	mem_free(hooks->rooms);
	mem_free(hooks);
}
