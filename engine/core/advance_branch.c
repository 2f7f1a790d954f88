/* advance_branch.c - the step branch: what was asked of the world, and what was seen. See advance_parts.h */
#include "core/advance_parts.h"
#include "core/core.h"
#include "core/facts.h"
#include "core/journal.h"
#include "core/members.h"

/* One line of the journal for each <when> that was asked. */
static const char *seen_members(struct walk *walk, const struct branch_when *when,
				const struct condition_seen *seen, bool holds)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "when", when->name);
	json_key_bool(json, "holds", holds);
	facts_say_seen(json, walk->arena, seen);
	return members_end(&members, walk->arena);
}

enum err walk_holds(void *arg, const struct step *step, const struct branch_when *when,
		    bool *holds_out)
{
	struct walk *walk = arg;
	const struct enrollment *enrollment = walk->enrollment;
	struct facts facts = {.db = txn_db(walk->txn),
			      .arena = walk->arena,
			      .core = txn_context(walk->txn),
			      .contact = walk->contact,
			      .enrollment_id = enrollment->id,
			      .message_id = enrollment->reply_id,
			      .data = enrollment->data};
	struct condition_seen *seen = ARENA_NEW(walk->arena, struct condition_seen);
	enum err err = facts_hold(&facts, when->condition, seen, holds_out);
	if (err != ERR_OK)
		return err;
	return journal_add(walk->txn, enrollment->id, step->id, "asked",
			   seen_members(walk, when, seen, *holds_out));
}
