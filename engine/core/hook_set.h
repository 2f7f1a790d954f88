/* hook_set.h - which hook wants which event, compiled: part of struct core, so that an event nobody wants costs one test.
 *
 * The set belongs to the writer thread. It is read from the hooks when it is first needed and kept; whoever changes a hook
 * calls hook_set_touch() in the same write, and the set is read anew. In the group of such a change (txn_group) it is read
 * at each use and not kept, since the group may still be rolled back. Zeroed = nothing is known yet.
 *
 * With several writers (or nodes) each needs to hear of the others' changes; there is one writer now.
 */
#ifndef HB_CORE_HOOK_SET_H
#define HB_CORE_HOOK_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

enum hook_event {
#define H(name, word) name,
#include "core/hook_events.def"
#undef H
	HOOK_EVENT_COUNT
};

/* hook_event_name - "task.sent". hook_event_parse - false: there is no such event. */
const char *hook_event_name(enum hook_event event);
bool hook_event_parse(const char *word, size_t len_bytes, enum hook_event *event_out);

/* hook_event_names - all of them, NULL-terminated, in the order of the enum. */
extern const char *const hook_event_names[HOOK_EVENT_COUNT + 1];

/* hook_events_parse - words separated by blanks as bits (1 << event); unknown ones (of a later version) are passed over. */
unsigned hook_events_parse(const char *words);

enum { HOOKS_MOST = 64 }; /* registered ones */

struct hook_set {
	bool is_loaded;
	uint64_t touched_group;
	unsigned wanted, wanted_of_tests; /* bit per event: by any of them */
	size_t count;
	struct hook_wish {
		uint64_t hook_id;
		unsigned events;
		bool wants_tests;
	} hooks[HOOKS_MOST];
};

/* hook_set_touch - hooks are about to change in this write. */
void hook_set_touch(struct txn *txn);

/* hook_set_get - the set as it holds in this write; borrowed until the next write. */
enum err hook_set_get(struct txn *txn, const struct hook_set **set_out) MUST_CHECK;

#endif
