/* states.h - the two state machines, each made from one table (task_states.def, message_states.def).
 *
 * The same table gives the enum, the names in JSON, the transitions, the graph in the docs and a test of every pair.
 * Nothing else in handbox sets a state: it applies an event.
 */
#ifndef HB_MODEL_STATES_H
#define HB_MODEL_STATES_H

#include <stdbool.h>

#define S(state, name) state,
enum task_state {
#include "model/task_states.def"
	TASK_STATE_COUNT
};
enum message_state {
#include "model/message_states.def"
	MESSAGE_STATE_COUNT
};
#undef S
#define V(event, name) event,
enum task_event {
#include "model/task_states.def"
	TASK_EVENT_COUNT
};
enum message_event {
#include "model/message_states.def"
	MESSAGE_EVENT_COUNT
};
#undef V

/* task_next, message_next - the state that event leads to; false: that event does not move that state. */
bool task_next(enum task_state state, enum task_event event, enum task_state *next_out);
bool message_next(enum message_state state, enum message_event event,
		  enum message_state *next_out);

const char *task_state_name(enum task_state state);
const char *message_state_name(enum message_state state);
const char *task_event_name(enum task_event event);
const char *message_event_name(enum message_event event);
bool task_state_parse(const char *name, enum task_state *state_out);
bool message_state_parse(const char *name, enum message_state *state_out);

/* task_state_is_open - waits for somebody: pending, held or snoozed. */
bool task_state_is_open(enum task_state state);

/* Report bits of Kannel (gw/dlr.h): test them one by one, in the order of how much they say. */
enum {
	DLR_DELIVERED = 1,
	DLR_FAILED = 2,
	DLR_BUFFERED = 4,
	DLR_SMSC = 8,
	DLR_REJECTED = 16,
};

/* message_report_event - what a report means; false: no bit that we know. */
bool message_report_event(unsigned kind, enum message_event *event_out);

#endif
