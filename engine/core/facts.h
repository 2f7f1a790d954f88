/* facts.h - what conditions ask of the world (model/condition.h): the contact, and what happened to it.
 *
 *	struct facts facts = {.db = db, .arena = arena, .core = core, .contact = &contact, .data = occurrence->data};
 *	err = facts_hold(&facts, plan->filter, seen, &holds);
 *
 * What is read from the database is read once, and only when it is asked for. Of user.* there is nobody: no card is open.
 *
 * Thread: any that has a struct db.
 */
#ifndef HB_CORE_FACTS_H
#define HB_CORE_FACTS_H

#include "base/json.h"
#include "core/core.h"
#include "core/event_data.h"
#include "model/condition.h"
#include "model/records.h"
#include "store/store.h"

struct facts {
	struct db *db;
	struct arena *arena;
	struct core *core;
	const struct contact *contact;
	uint64_t enrollment_id; /* whose tasks task.ID.outcome means; 0: none yet */
	uint64_t message_id;    /* reply.text; 0: none */
	const char *data;       /* event.NAME: a JSON object; NULL: none */

	/* of facts.c, zeroed: what was read */
	/* of the first read that failed: the answers are worth nothing then */
	enum err err;
	struct event_data event;
	struct contact_field *fields;
	size_t field_count;
	const char **tags;
	size_t tag_count;
	bool has_fields, has_tags;
};

/* facts_hold - the error is of the database. *seen is begun anew; its values live in facts->arena. */
enum err facts_hold(struct facts *facts, const struct condition *condition,
		    struct condition_seen *seen, bool *holds_out) MUST_CHECK;

/* facts_say_seen - the members "tests" and, when they were too many to keep, "more". */
void facts_say_seen(struct json *json, struct arena *arena,
		    const struct condition_seen *seen);

#endif
