/* events.h - another system says that something happened to a contact: POST /events/{name}. It fires <event> triggers
 * (trigger.h); its data stays with the enrollments that come of it, as event.NAME in conditions and texts.
 *
 *	struct event_take *cmd = API_CALL(req, struct event_take);
 *	cmd->name = "order.late";
 *	cmd->contact = (struct event_contact){.external_id = "C-17"};
 *	cmd->data = "{\"order\":\"A-1\"}";
 *	api_write(req, event_take, &cmd->call);
 */
#ifndef HB_CORE_EVENTS_H
#define HB_CORE_EVENTS_H

#include "core/call.h"

/* exactly one of them */
struct event_contact {
	uint64_t id;
	const char *external_id;
	const char *phone; /* as a person writes it, by default-region */
};

/* event_take - 202: {event, contact {id, name, phone_e164}, data, workflows: [ids of the published ones that listen, at
 * most EVENT_SHOWN]}. Nobody needs to listen. ERR_NOT_FOUND: no such contact. A store_write_fn. */
enum { EVENT_SHOWN = 20 };
struct event_take {
	struct call call;
	const char *name;
	struct event_contact contact;
	const char *data; /* a JSON object, or NULL */
};
enum err event_take(struct txn *txn, void *arg);

#endif
