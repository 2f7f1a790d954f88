/* hook_set.c - see hook_set.h */
#include "core/hook_set.h"

#include <string.h>

#include "core/core.h"
#include "store/hook_rows.h"

const char *const hook_event_names[HOOK_EVENT_COUNT + 1] = {
#define H(name, word) [name] = (word),
#include "core/hook_events.def"
#undef H
};

const char *hook_event_name(enum hook_event event)
{
	return hook_event_names[event];
}

bool hook_event_parse(const char *word, size_t len_bytes, enum hook_event *event_out)
{
	for (unsigned i = 0; i < HOOK_EVENT_COUNT; i++)
		if (strlen(hook_event_names[i]) == len_bytes &&
		    memcmp(hook_event_names[i], word, len_bytes) == 0) {
			*event_out = (enum hook_event)i;
			return true;
		}
	return false;
}

unsigned hook_events_parse(const char *words)
{
	unsigned events = 0;
	for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
		size_t len = strcspn(words, " ");
		enum hook_event event;
		if (hook_event_parse(words, len, &event))
			events |= 1u << event;
		words += len;
	}
	return events;
}

static struct hook_set *set_of(struct txn *txn)
{
	return &((struct core *)txn_context(txn))->hooks;
}

void hook_set_touch(struct txn *txn)
{
	struct hook_set *set = set_of(txn);
	set->is_loaded = false;
	set->touched_group = txn_group(txn);
	txn_signal(txn, SIGNAL_HOOKS);
}

static enum err add(void *arg, const struct hook *hook)
{
	struct hook_set *set = arg;
	unsigned events = hook_events_parse(hook->events);
	if (set->count == HOOKS_MOST)
		return ERR_OK; /* registering refuses more */
	set->hooks[set->count++] =
		(struct hook_wish){hook->id, events, hook->wants_tests};
	set->wanted |= events;
	set->wanted_of_tests |= hook->wants_tests ? events : 0;
	return ERR_OK;
}

enum err hook_set_get(struct txn *txn, const struct hook_set **set_out)
{
	struct hook_set *set = set_of(txn);
	*set_out = set;
	if (set->is_loaded)
		return ERR_OK;
	set->count = 0;
	set->wanted = set->wanted_of_tests = 0;
	enum err err = hook_rows_each_wanting(txn_db(txn), add, set);
	set->is_loaded = err == ERR_OK && set->touched_group != txn_group(txn);
	return err;
}
