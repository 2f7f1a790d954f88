/* why_trigger.c - did anything ask for this contact to enter, and did the filter keep it out: see why.h */
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "core/contact_time.h"
#include "core/trigger_parts.h"
#include "core/why_parts.h"
#include "model/date_value.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"

enum {
	TOLD_MOST = 5,    /* triggers, of one workflow */
	TEXT_BYTES = 100, /* of the contact's last text */
};

/* --- what a trigger waits for, as things stand --- */

struct telling {
	struct asked *asked;
	const struct plan_trigger *trigger;
	const char *detail, *fix;
};

static enum err has_tag(struct telling *telling, bool *has_out)
{
	struct asked *asked = telling->asked;
	const char **tags;
	size_t count;
	enum err err = contact_rows_tags(asked->db, asked->arena, asked->contact.id,
					 &tags, &count);
	*has_out = false;
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		*has_out = *has_out || strcmp(tags[i], telling->trigger->name) == 0;
	return err;
}

static const char *tag_path(struct telling *telling)
{
	return arena_printf(telling->asked->arena, "/api/v1/contacts/%s/tags/%s",
			    why_id(telling->asked, telling->asked->contact.id),
			    telling->trigger->name);
}

static enum err tell_created(struct telling *telling)
{
	struct asked *asked = telling->asked;
	telling->detail = arena_printf(
		asked->arena, "the contact was made at %s, before it was published",
		why_when(asked, asked->contact.created_at));
	telling->fix = why_enroll_fix(asked);
	return ERR_OK;
}

static enum err tell_added(struct telling *telling)
{
	struct arena *arena = telling->asked->arena;
	const char *tag = telling->trigger->name, *path = tag_path(telling);
	bool has;
	enum err err = has_tag(telling, &has);
	telling->detail = has ? arena_printf(arena,
					     "the contact has the tag %s already, and "
					     "only adding it counts",
					     tag)
			      : arena_printf(arena, "the contact has no tag %s", tag);
	telling->fix = has ? arena_printf(arena, "DELETE %s and PUT it again.", path)
			   : arena_printf(arena, "PUT %s.", path);
	return err;
}

static enum err tell_removed(struct telling *telling)
{
	struct arena *arena = telling->asked->arena;
	const char *tag = telling->trigger->name, *path = tag_path(telling);
	bool has;
	enum err err = has_tag(telling, &has);
	telling->detail =
		has ? arena_printf(arena, "the contact still has the tag %s", tag)
		    : arena_printf(arena,
				   "the contact has no tag %s that could be taken off",
				   tag);
	telling->fix = has ? arena_printf(arena, "DELETE %s.", path)
			   : arena_printf(arena, "PUT %s and DELETE it.", path);
	return err;
}

static enum err tell_field(struct telling *telling)
{
	struct asked *asked = telling->asked;
	telling->detail =
		arena_printf(asked->arena, "%s has not changed since it was published",
			     telling->trigger->name);
	telling->fix = arena_printf(
		asked->arena, "PATCH /api/v1/contacts/%s with another value of it.",
		why_id(asked, asked->contact.id));
	return ERR_OK;
}

static enum err tell_message(struct telling *telling)
{
	struct asked *asked = telling->asked;
	const char *keyword = telling->trigger->name;
	uint64_t last = asked->contact.thread_inbound_id;
	struct message message = {.text = NULL};
	enum err err = last ? message_rows_load(asked->db, asked->arena, last, &message)
			    : ERR_NOT_FOUND;
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	telling->detail = keyword ? arena_printf(asked->arena,
						 "no text of the contact was %s and "
						 "nothing else",
						 keyword)
				  : "no text of the contact has come";
	if (message.text)
		telling->detail = arena_printf(
			asked->arena,
			"%s since it was published; the last was \"%.*s\"",
			telling->detail, (int)utf8_cut(message.text, TEXT_BYTES),
			message.text);
	telling->fix = arena_printf(asked->arena, "The contact writes%s%s; or %s",
				    keyword ? " " : "", keyword ? keyword : "",
				    why_enroll_fix(asked));
	return ERR_OK;
}

static enum err tell_event(struct telling *telling)
{
	struct asked *asked = telling->asked;
	telling->detail = arena_printf(asked->arena, "no event %s has come for it",
				       telling->trigger->name);
	telling->fix = arena_printf(
		asked->arena,
		"POST /api/v1/events/%s with {\"contact\": {\"id\": \"%s\"}}.",
		telling->trigger->name, why_id(asked, asked->contact.id));
	return ERR_OK;
}

/* A planned date whose time is over, or that never had one. */
static void tell_over(struct telling *telling, const char *value)
{
	struct asked *asked = telling->asked;
	const struct plan_trigger *trigger = telling->trigger;
	const struct zone *zone = contact_zone(&asked->contact);
	struct wall day;
	telling->fix = arena_printf(asked->arena,
				    "Set %s to a day as in 2027-01-05 that lies ahead.",
				    trigger->name);
	if (!date_value_parse(value, zone, &day)) {
		telling->detail = arena_printf(asked->arena, "%s is \"%s\", no date",
					       trigger->name, value);
		return;
	}
	int64_t at =
		date_value_fires_at(&day, trigger->offset_ms, trigger->at_minute, zone);
	telling->detail = arena_printf(
		asked->arena,
		"%s is %s, and its time (%s) was over when it was set, or when the "
		"workflow was published",
		trigger->name, value, why_when(asked, at));
}

static enum err tell_date(struct telling *telling)
{
	struct asked *asked = telling->asked;
	struct planned_date date;
	const char *rule = trigger_date_rule(asked->arena, telling->trigger);
	enum err err = date_rows_load(asked->db, asked->arena, asked->contact.id,
				      asked->workflow.id, rule, &date);
	if (err == ERR_NOT_FOUND) {
		telling->detail = arena_printf(asked->arena, "%s is empty",
					       telling->trigger->name);
		telling->fix =
			arena_printf(asked->arena, "Set %s to a day as in 2027-01-05.",
				     telling->trigger->name);
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	if (!date.fires_at) {
		tell_over(telling, date.value);
		return ERR_OK;
	}
	telling->detail = arena_printf(asked->arena, "%s is %s, so its time is %s",
				       telling->trigger->name, date.value,
				       why_when(asked, date.fires_at));
	telling->fix = "Wait for it, or enroll the contact by hand.";
	return ERR_OK;
}

static enum err (*const tellers[TRIGGER_KIND_COUNT])(struct telling *) = {
	tell_created, tell_added, tell_removed, tell_field,
	tell_message, tell_event, tell_date,
};

/* Nothing came: each trigger says what it waits for; the first of them is the fix. */
static enum err tell_waiting(struct asked *asked, struct answer *answer)
{
	const struct plan *plan = asked->plan;
	struct buf text = BUF_EMPTY;
	enum err err = ERR_OK;
	buf_add_str(&text,
		    "No trigger brought the contact here, and nobody enrolled it.");
	for (size_t i = 0; i < plan->trigger_count && i < TOLD_MOST && err == ERR_OK;
	     i++) {
		struct telling telling = {.asked = asked,
					  .trigger = &plan->triggers[i]};
		err = tellers[telling.trigger->kind](&telling);
		if (err != ERR_OK)
			break;
		buf_printf(&text, " <%s>: %s.",
			   trigger_name(asked->arena, telling.trigger), telling.detail);
		if (i == 0)
			answer->fix = telling.fix;
	}
	answer->detail = arena_strdup(asked->arena, buf_str(&text));
	buf_fini(&text);
	return err;
}

/* --- trigger_seen --- */

static bool is_by_trigger(const char *cause)
{
	return strcmp(cause, "manual") != 0 && strcmp(cause, "test") != 0;
}

static void first_cause(void *arg, const struct journal_row *row)
{
	struct asked *asked = ((void **)arg)[0];
	const char **cause = ((void **)arg)[1];
	*cause = journal_text(asked->arena, row->detail, "cause");
}

static enum err tell_run(struct asked *asked, struct answer *answer)
{
	const char *cause = "manual";
	void *arg[] = {asked, &cause};
	enum err err =
		journal_rows_page(asked->db, asked->run.id, 0, 1, first_cause, arg);
	answer->detail =
		is_by_trigger(cause)
			? arena_printf(asked->arena, "Enrolled by %s at %s.", cause,
				       why_when(asked, asked->run.created_at))
			: arena_printf(asked->arena, "Enrolled by hand or API at %s.",
				       why_when(asked, asked->run.created_at));
	return err;
}

/* Outcomes by which the trigger itself was none for this contact. */
static bool is_no_trigger(const char *outcome)
{
	static const char *const outcomes[] = {"not_published", "imported", "test_run"};
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(outcomes[i], outcome) == 0)
			return true;
	return false;
}

static void tell_refusal(struct asked *asked, struct answer *answer)
{
	const struct not_enrolled *refusal = &asked->refusal;
	const char *times = refusal->times == 1 ? "" : "s";
	if (!is_by_trigger(refusal->cause)) {
		answer->detail = arena_printf(
			asked->arena,
			"Enrolling was last asked for at %s (%" PRId64
			" time%s in all).",
			why_when(asked, refusal->at), refusal->times, times);
		return;
	}
	answer->ok = !is_no_trigger(refusal->outcome);
	answer->detail = arena_printf(
		asked->arena, "<%s> came last at %s (%" PRId64 " time%s in all).%s%s",
		refusal->cause, why_when(asked, refusal->at), refusal->times, times,
		answer->ok ? "" : " ", answer->ok ? "" : why_says(asked));
	if (!answer->ok)
		answer->fix = strcmp(refusal->outcome, "imported") == 0
				      ? arena_printf(asked->arena,
						     "Say imports=\"yes\" in the "
						     "trigger for the next import; for "
						     "this contact: %s",
						     why_enroll_fix(asked))
				      : why_enroll_fix(asked);
}

enum err why_ask_trigger(struct asked *asked, struct answer *answer)
{
	if (why_was_refused(asked)) {
		tell_refusal(asked, answer);
		return ERR_OK;
	}
	if (asked->has_run)
		return tell_run(asked, answer);
	answer->ok = false;
	if (asked->plan && asked->plan->trigger_count)
		return tell_waiting(asked, answer);
	answer->detail = "It has no triggers, so contacts enter by hand or API, and "
			 "nobody asked for this one.";
	answer->fix = why_enroll_fix(asked);
	return ERR_OK;
}

/* --- filter --- */

enum err why_ask_filter(struct asked *asked, struct answer *answer)
{
	const struct not_enrolled *refusal = &asked->refusal;
	bool is_filter =
		why_was_refused(asked) && strcmp(refusal->outcome, "filter") == 0;
	bool is_condition =
		why_was_refused(asked) && strcmp(refusal->outcome, "condition") == 0;
	if (!is_filter && !is_condition) {
		answer->detail = asked->plan && asked->plan->filter
					 ? "The filter did not keep it out."
					 : "It has no filter.";
		return ERR_OK;
	}
	answer->ok = false;
	const char *where = is_filter ? "<filter>" : "condition in the trigger";
	const char *words = journal_tests(asked->arena, refusal->detail);
	answer->detail = arena_printf(asked->arena, "The %s kept it out at %s: %s.",
				      where, why_when(asked, refusal->at), words);
	answer->fix = arena_printf(
		asked->arena, "%s, and let <%s> come again; or change the %s; or %s",
		why_change(asked, refusal->detail), refusal->cause, where,
		why_enroll_fix(asked));
	return ERR_OK;
}
