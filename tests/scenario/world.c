/* world.c - what all acts and expectations share: names, words, the clock, restarts. See scenario.h */
#include "scenario.h"

#include "core/messages.h"
#include "core/plans.h"
#include "core/tasks.h"
#include "core/users.h"
#include "core/turn.h"
#include "core/wake.h"

void scene_fail(struct world *world, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *what = arena_vprintf(world->desk->arena, fmt, args);
	va_end(args);
	fprintf(stderr, "%s:%u: %s\n    %s\n", world->scenario->file,
		world->line->number, world->line->text, what);
	fail();
	abort();
}

void scene_check(struct world *world, const struct call *call, enum err err)
{
	if (call && call->refusal.err != ERR_OK)
		world->refusal =
			arena_printf(world->desk->arena, "{%s}",
				     call->refusal.extra ? call->refusal.extra : "");
	const char *is = err == ERR_OK ? "ok" : err_code(err);
	const char *should = world->line->code ? world->line->code : "ok";
	if (strcmp(is, should) != 0)
		scene_fail(world, "%s, expected %s: %s %s", is, should,
			   call && call->refusal.detail ? call->refusal.detail : "",
			   call && call->refusal.extra ? call->refusal.extra : "");
}

bool scene_write(struct world *world, store_write_fn *write, struct call *call)
{
	enum err err = desk_write(world->desk, write, call);
	scene_check(world, call, err);
	return err == ERR_OK;
}

struct json_t *scene_tree(struct world *world, const struct call *call)
{
	struct json_t *tree = tree_parse(buf_str(&call->answer));
	if (!tree)
		scene_fail(world, "the answer is no JSON: %s", buf_str(&call->answer));
	if (world->tree_count == TREES_MOST)
		scene_fail(world, "too many answers were looked at");
	world->trees[world->tree_count++] = tree;
	return tree;
}

struct json_t *scene_read(struct world *world, store_read_fn *read, struct call *call)
{
	scene_check(world, call, desk_read(world->desk, read, call));
	return scene_tree(world, call);
}

/* --- words ------------------------------------------------------------------------------------------------------ */

const char *word(struct world *world, unsigned n)
{
	if (n >= world->line->count)
		scene_fail(world, "a word is missing");
	return world->line->words[n];
}

const char *option(struct world *world, const char *name)
{
	size_t len = strlen(name);
	for (unsigned i = 1; i < world->line->count; i++) {
		const char *w = world->line->words[i];
		if (strncmp(w, name, len) == 0 && w[len] == '=')
			return w + len + 1;
	}
	return NULL;
}

bool has_word(struct world *world, const char *text)
{
	for (unsigned i = 1; i < world->line->count; i++)
		if (strcmp(world->line->words[i], text) == 0)
			return true;
	return false;
}

int64_t span_ms(struct world *world, const char *text)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1},      {"s", SECOND_MS}, {"m", MINUTE_MS},
		     {"h", HOUR_MS}, {"d", DAY_MS},    {"w", 7 * DAY_MS}};
	char *end;
	int64_t n = strtoll(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end > text && strcmp(end, units[i].unit) == 0)
			return n * units[i].ms;
	scene_fail(world, "'%s' is no span of time: 90s, 15m, 4h, 2d, 1w", text);
}

int64_t scene_now(const struct world *world)
{
	return atomic_load(&world->desk->now_ms);
}

int64_t instant(struct world *world, const char *text)
{
	int64_t at;
	if (strncmp(text, "now", 3) == 0) {
		if (text[3] == '+')
			return scene_now(world) + span_ms(world, text + 4);
		return scene_now(world) - (text[3] ? span_ms(world, text + 4) : 0);
	}
	if (clock_parse(text, &at) != ERR_OK)
		scene_fail(world, "'%s' is no instant: 2027-01-04T09:00:00Z, or now+4h",
			   text);
	return at;
}

/* --- names ------------------------------------------------------------------------------------------------------ */

struct name *name_new(struct world *world, enum named kind, const char *name)
{
	if (world->name_count == NAMES_MOST)
		scene_fail(world, "too many names");
	struct name *made = &world->names[world->name_count++];
	*made = (struct name){.kind = kind, .name = name};
	return made;
}

static struct name *name_find(struct world *world, enum named kind, const char *name)
{
	for (size_t i = 0; i < world->name_count; i++)
		if (world->names[i].kind == kind &&
		    strcmp(world->names[i].name, name) == 0)
			return &world->names[i];
	return NULL;
}

struct name *name_of(struct world *world, enum named kind, const char *name)
{
	struct name *found = name_find(world, kind, name);
	if (!found)
		scene_fail(world, "nobody is called '%s' here", name);
	return found;
}

const struct actor *actor_of(struct world *world, const char *login)
{
	return strcmp(login, "shell") == 0 ? &desk_shell
					   : &name_of(world, NAMED_USER, login)->actor;
}

static uint64_t number(struct world *world, const char *query)
{
	int64_t found = desk_number(world->desk, "%s", query);
	return found > 0 ? (uint64_t)found : 0;
}

uint64_t task_ref(struct world *world, const char *ref)
{
	struct arena *arena = world->desk->arena;
	size_t len = strcspn(ref, "/");
	const struct name *contact =
		name_of(world, NAMED_CONTACT, arena_strndup(arena, ref, len));
	const char *where = arena_printf(arena, "contact_id = %" PRIu64, contact->id);
	if (ref[len]) {
		const char *step = ref + len + 1, *colon = strchr(step, ':');
		if (colon) {
			where = arena_printf(arena, "%s AND workflow_id = '%.*s'",
					     where, (int)(colon - step), step);
			step = colon + 1;
		}
		len = strcspn(step, "/");
		where = arena_printf(arena, "%s AND step_id = '%.*s'", where, (int)len,
				     step);
		if (step[len])
			where = arena_printf(arena, "%s AND visit = %s", where,
					     step + len + 1);
	}
	return number(world,
		      arena_printf(arena,
				   "SELECT id FROM tasks WHERE %s ORDER BY state <= 2 "
				   "DESC, id DESC LIMIT 1",
				   where));
}

uint64_t enrollment_ref(struct world *world, const char *contact, const char *workflow)
{
	return number(world,
		      arena_printf(world->desk->arena,
				   "SELECT id FROM enrollments WHERE contact_id = "
				   "%" PRIu64 " AND workflow_id = '%s' ORDER BY id "
				   "DESC LIMIT 1",
				   name_of(world, NAMED_CONTACT, contact)->id,
				   workflow));
}

uint64_t message_ref(struct world *world, const char *contact)
{
	return number(world,
		      arena_printf(world->desk->arena,
				   "SELECT id FROM messages WHERE contact_id = "
				   "%" PRIu64 " AND is_inbound = 0 ORDER BY id DESC "
				   "LIMIT 1",
				   name_of(world, NAMED_CONTACT, contact)->id));
}

/* --- time ------------------------------------------------------------------------------------------------------- */

/* What the scheduler's two hands do (engine/link/scheduler.c), until neither finds more. */
void world_turn(struct world *world)
{
	struct turn turn = {.has_more = true};
	struct wake wake = {.count = 1};
	for (unsigned turns = 0; turn.has_more || wake.count || !wake.is_done;
	     turns++) {
		enum err err = store_write_now(world->desk->store, turn_run, &turn);
		if (err == ERR_OK)
			err = store_write_now(world->desk->store, wake_due, &wake);
		if (err != ERR_OK)
			scene_fail(world, "a turn of the clock failed: %s",
				   err_code(err));
		if (turns == 10000)
			scene_fail(world, "the clock finds no end");
	}
	world->next_at = turn.next_at;
	if (wake.next_at && (!world->next_at || wake.next_at < world->next_at))
		world->next_at = wake.next_at;
}

/* From one thing that falls due to the next, as a process that runs sees it. */
void world_pass_to(struct world *world, int64_t until)
{
	world_turn(world);
	while (world->next_at && world->next_at < until) {
		int64_t now = scene_now(world);
		atomic_store(&world->desk->now_ms,
			     world->next_at > now ? world->next_at : now + 1);
		world_turn(world);
	}
	atomic_store(&world->desk->now_ms, until);
	world_turn(world);
}

void world_restart(struct world *world)
{
	struct desk *desk = world->desk;
	struct handover_recover recover = {.count = 1};
	store_close(&desk->store);
	mailbox_run_all(desk->home);
	plans_free(&desk->core.plans);
	desk->core.plans = plans_new();
	desk->core.epoch++;
	desk_open(desk);
	while (recover.count)
		if (store_write_now(desk->store, handover_recover, &recover) != ERR_OK)
			scene_fail(world, "the start failed");
	world_turn(world);
}

static void act_after(struct world *world)
{
	world_pass_to(world, scene_now(world) + span_ms(world, word(world, 1)));
}

static void act_at(struct world *world)
{
	int64_t until = instant(world, word(world, 1));
	if (until < scene_now(world))
		scene_fail(world, "that is past: it takes `clock` to go back");
	world_pass_to(world, until);
}

/* The process does not run meanwhile: all that fell due finds it late, at once. */
static void act_down(struct world *world)
{
	atomic_fetch_add(&world->desk->now_ms, span_ms(world, word(world, 1)));
	world_restart(world);
}

/* The machine's clock is set, forwards or back, while the process runs. */
static void act_clock(struct world *world)
{
	atomic_store(&world->desk->now_ms, instant(world, word(world, 1)));
}

const struct act clock_acts[] = {
	{"after", act_after},       {"at", act_at},       {"down", act_down},
	{"restart", world_restart}, {"clock", act_clock}, {NULL, NULL},
};
