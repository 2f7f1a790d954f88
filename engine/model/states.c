/* states.c - see states.h */
#include "model/states.h"

#include <string.h>

static const char *const task_state_names[] = {
#define S(state, name) [state] = name,
#include "model/task_states.def"
#undef S
};
static const char *const message_state_names[] = {
#define S(state, name) [state] = name,
#include "model/message_states.def"
#undef S
};
static const char *const task_event_names[] = {
#define V(event, name) [event] = name,
#include "model/task_states.def"
#undef V
};
static const char *const message_event_names[] = {
#define V(event, name) [event] = name,
#include "model/message_states.def"
#undef V
};

struct move {
	bool listed;
	unsigned char next;
};

static const struct move task_moves[TASK_STATE_COUNT][TASK_EVENT_COUNT] = {
#define T(state, event, becomes) [state][event] = {true, becomes},
#include "model/task_states.def"
#undef T
};
static const struct move message_moves[MESSAGE_STATE_COUNT][MESSAGE_EVENT_COUNT] = {
#define T(state, event, becomes) [state][event] = {true, becomes},
#include "model/message_states.def"
#undef T
};

bool task_next(enum task_state state, enum task_event event, enum task_state *next_out)
{
	const struct move *move = &task_moves[state][event];
	if (move->listed)
		*next_out = (enum task_state)move->next;
	return move->listed;
}

bool message_next(enum message_state state, enum message_event event,
		  enum message_state *next_out)
{
	const struct move *move = &message_moves[state][event];
	if (move->listed)
		*next_out = (enum message_state)move->next;
	return move->listed;
}

const char *task_state_name(enum task_state state)
{
	return task_state_names[state];
}

const char *message_state_name(enum message_state state)
{
	return message_state_names[state];
}

const char *task_event_name(enum task_event event)
{
	return task_event_names[event];
}

const char *message_event_name(enum message_event event)
{
	return message_event_names[event];
}

static bool find_name(const char *const *names, unsigned count, const char *name,
		      unsigned *at_out)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0) {
			*at_out = i;
			return true;
		}
	return false;
}

bool task_state_parse(const char *name, enum task_state *state_out)
{
	unsigned at;
	if (!find_name(task_state_names, TASK_STATE_COUNT, name, &at))
		return false;
	*state_out = (enum task_state)at;
	return true;
}

bool message_state_parse(const char *name, enum message_state *state_out)
{
	unsigned at;
	if (!find_name(message_state_names, MESSAGE_STATE_COUNT, name, &at))
		return false;
	*state_out = (enum message_state)at;
	return true;
}

bool task_state_is_open(enum task_state state)
{
	return state == TASK_PENDING || state == TASK_HELD || state == TASK_SNOOZED;
}

bool message_report_event(unsigned kind, enum message_event *event_out)
{
	static const struct {
		unsigned bit;
		enum message_event event;
	} bits[] = {
		{DLR_DELIVERED, MESSAGE_EV_REPORT_DELIVERED},
		{DLR_FAILED, MESSAGE_EV_REPORT_FAILED},
		{DLR_REJECTED, MESSAGE_EV_REPORT_REJECTED},
		{DLR_BUFFERED, MESSAGE_EV_REPORT_BUFFERED},
		{DLR_SMSC, MESSAGE_EV_REPORT_SMSC},
	};
	for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (kind & bits[i].bit) {
			*event_out = bits[i].event;
			return true;
		}
	return false;
}
