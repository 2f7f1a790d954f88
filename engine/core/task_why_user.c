/* task_why_user.c - see task_why_user.h */
#include "core/task_why_user.h"

#include <string.h>

#include "core/journal_words.h"
#include "core/people.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"

enum { LINES_MOST = 200 };

/* What is known, and what is answered. */
struct owning {
	struct db *db;
	struct arena *arena;
	const struct task *task;
	const struct contact *contact;
	const struct plan *plan; /* NULL: of no workflow */
	const char *task_id;
	const char *assignee, *owner; /* logins as of now; NULL: nobody */

	/* of the journal; NULL: there is no such line */
	const struct journal_row *made;  /* task_created */
	const struct journal_row *given; /* the last assign-user before */
	/* whom it went to afterwards: the last time */
	const struct journal_row *changed;

	const char *cause, *detail, *fix;
};

static const char *text_of(const struct owning *owning, const struct journal_row *line,
			   const char *name)
{
	return line ? journal_text(owning->arena, line->detail, name) : "";
}

static const char *when(const struct owning *owning, int64_t at)
{
	char text[CLOCK_TEXT_LEN];
	return arena_strdup(owning->arena, clock_format(at, text));
}

/* --- what the journal has --- */

static bool is_of_task(const struct owning *owning, const struct journal_row *line)
{
	return strcmp(text_of(owning, line, "task"), owning->task_id) == 0;
}

static void sort_line(struct owning *owning, const struct journal_row *line)
{
	static const char *const givers[] = {"assigned", "not_assigned"};
	static const char *const changes[] = {"task_reassigned", "taken_from_pool",
					      "task_assigned", "followed_owner"};
	for (size_t i = 0; !owning->made && i < sizeof(givers) / sizeof(*givers); i++)
		if (strcmp(line->kind, givers[i]) == 0)
			owning->given = line;
	for (size_t i = 0; owning->made && i < sizeof(changes) / sizeof(*changes); i++)
		if (strcmp(line->kind, changes[i]) == 0 && is_of_task(owning, line))
			owning->changed = line;
	if (strcmp(line->kind, "task_created") == 0 && is_of_task(owning, line))
		owning->made = line;
}

static enum err read_journal(struct owning *owning)
{
	struct journal_row *lines;
	size_t count;
	if (!owning->task->enrollment_id)
		return ERR_OK;
	enum err err = journal_rows_newest(owning->db, owning->arena,
					   owning->task->enrollment_id, LINES_MOST,
					   &lines, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		sort_line(owning, &lines[i]);
	return err;
}

static enum err login_of(struct owning *owning, uint64_t user_id,
			 const char **login_out)
{
	struct user user;
	*login_out = NULL;
	if (!user_id)
		return ERR_OK;
	enum err err = user_rows_load(owning->db, owning->arena, user_id, &user);
	if (err == ERR_OK)
		*login_out = user.login;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* --- what to do about it --- */

static const char *reassign_fix(const struct owning *owning, const char *to)
{
	return arena_printf(
		owning->arena,
		"POST /api/v1/tasks/%s/reassign with {\"assignee\": \"%s\"}",
		owning->task_id, to);
}

/* Whoever was passed over first, and how they come to their turn. */
static const char *passed_over_fix(const struct owning *owning)
{
	static const struct {
		const char *cause, *with;
	} fixes[] = {
		{"inactive", "{\"active\": true}"},
		{"off shift", "{\"on_shift\": true}"},
		{"full", "a larger \"capacity\""},
	};
	struct journal_skipped first;
	if (!owning->given ||
	    !journal_first_skipped(owning->arena, owning->given->detail, &first))
		return NULL;
	for (size_t i = 0; i < sizeof(fixes) / sizeof(fixes[0]); i++)
		if (strncmp(first.cause, fixes[i].cause, strlen(fixes[i].cause)) == 0)
			return arena_printf(owning->arena,
					    "PATCH /api/v1/users/%s with %s",
					    first.user, fixes[i].with);
	return NULL;
}

/* --- causes of the assign-user that ran --- */

static void fix_one_user(struct owning *owning)
{
	owning->fix =
		arena_printf(owning->arena,
			     "Name another user in <assign-user id=\"%s\">; for this "
			     "one: %s.",
			     owning->given->step_id, reassign_fix(owning, "…"));
}

static void fix_rotation(struct owning *owning)
{
	const char *passed_over = passed_over_fix(owning);
	owning->fix = arena_printf(
		owning->arena, "%s%sThe next turn is the next one's; for this one: %s.",
		passed_over ? passed_over : "",
		passed_over ? ", and the next turn counts "
			      "them in. "
			    : "",
		reassign_fix(owning, "…"));
}

static void fix_kept(struct owning *owning)
{
	owning->fix = arena_printf(
		owning->arena,
		"Say only-unassigned=\"no\" in <assign-user id=\"%s\">, or take the owner "
		"off (PATCH /api/v1/contacts/%llu with {\"owner\": null}) before it runs; "
		"for this one: %s.",
		owning->given->step_id, (unsigned long long)owning->contact->id,
		reassign_fix(owning, "…"));
}

static void fix_pool(struct owning *owning)
{
	owning->fix = arena_printf(
		owning->arena,
		"Whoever of the team opens it has it. To assign it at once, take "
		"pool=\"yes\" out of <assign-user id=\"%s\">; for this one: %s.",
		owning->given->step_id, reassign_fix(owning, "…"));
}

static void fix_nobody(struct owning *owning)
{
	const char *passed_over = passed_over_fix(owning);
	owning->fix = arena_printf(
		owning->arena, "%s; for this one: %s.",
		passed_over ? passed_over
			    : "Put somebody into the team (PUT /api/v1/teams/{id})",
		reassign_fix(owning, "…"));
}

static const struct rule_fix {
	const char *rule;
	void (*fix)(struct owning *owning);
} rule_fixes[] = {
	{"one_user", fix_one_user}, {"rotation", fix_rotation},
	{"kept_owner", fix_kept},   {"pool", fix_pool},
	{"nobody", fix_nobody},
};

static void tell_given(struct owning *owning)
{
	owning->cause = text_of(owning, owning->given, "rule");
	owning->detail = text_of(owning, owning->given, "why");
	for (size_t i = 0; i < sizeof(rule_fixes) / sizeof(rule_fixes[0]); i++)
		if (strcmp(rule_fixes[i].rule, owning->cause) == 0)
			rule_fixes[i].fix(owning);
}

/* --- causes where none ran just before --- */

/* An assign-user that stands behind the manual-sms; with one before it nothing is wrong. */
static const struct step *assign_behind(const struct owning *owning)
{
	const struct plan *plan = owning->plan;
	int at = plan ? plan_find(plan, owning->task->step_id) : -1;
	const struct step *behind = NULL;
	for (size_t i = 0; at >= 0 && i < plan->step_count; i++) {
		if (plan->steps[i].kind != STEP_ASSIGN_USER)
			continue;
		if (i < (size_t)at)
			return NULL;
		if (!behind)
			behind = &plan->steps[i];
	}
	return behind;
}

static void tell_owner(struct owning *owning)
{
	const struct step *behind = assign_behind(owning);
	const char *why = text_of(owning, owning->made, "why");
	const char *step = owning->task->step_id;
	owning->cause = text_of(owning, owning->made, "rule");
	if (behind) {
		owning->cause = "assigned_later";
		owning->detail = arena_printf(
			owning->arena,
			"%s. Step %s (assign-user) stands behind %s, where it comes too "
			"late for its task",
			why, behind->id, step);
		owning->fix = arena_printf(
			owning->arena,
			"Put <assign-user id=\"%s\"> before <manual-sms id=\"%s\">, and "
			"publish that; for this one: %s.",
			behind->id, step,
			reassign_fix(owning, owning->owner ? owning->owner : "…"));
		return;
	}
	owning->detail = why;
	owning->fix = arena_printf(
		owning->arena,
		"Put an <assign-user> before <manual-sms id=\"%s\">, or give the contact "
		"an owner (PATCH /api/v1/contacts/%llu) before it runs; for this one: %s.",
		step, (unsigned long long)owning->contact->id,
		reassign_fix(owning, "…"));
}

/* Did the last assign-user before it make the owner whom the task was made for? */
static bool counts(const struct owning *owning)
{
	const char *rule = text_of(owning, owning->made, "rule");
	return owning->given &&
	       (strcmp(rule, "assigned") == 0 ||
		strcmp(text_of(owning, owning->given, "user"),
		       text_of(owning, owning->made, "assignee")) == 0);
}

/* --- causes of later --- */

static void tell_assigned_late(struct owning *owning)
{
	const struct journal_row *line = owning->changed;
	owning->cause = text_of(owning, line, "rule");
	owning->detail = arena_printf(
		owning->arena,
		"%s, at %s, when somebody was available again. Before that: %s",
		text_of(owning, line, "why"), when(owning, line->at),
		text_of(owning, owning->made, "why"));
	owning->fix = arena_printf(owning->arena, "%s.", reassign_fix(owning, "…"));
}

static void tell_changed(struct owning *owning)
{
	const struct journal_row *line = owning->changed;
	if (strcmp(line->kind, "task_assigned") == 0) {
		tell_assigned_late(owning);
		return;
	}
	bool is_taken = strcmp(line->kind, "taken_from_pool") == 0;
	const char *reason = text_of(owning, line, "reason");
	owning->cause = is_taken ? "taken_from_pool" : "reassigned";
	owning->detail = arena_printf(
		owning->arena, "%s %s at %s%s%s. Before that: %s",
		text_of(owning, line, "by"),
		is_taken ? "opened it, and so took it from the pool," : "reassigned it",
		when(owning, line->at), *reason ? ": " : "", reason,
		text_of(owning, owning->made, "why"));
	owning->fix =
		is_taken
			? arena_printf(owning->arena,
				       "POST /api/v1/tasks/%s/release gives it back to "
				       "the pool.",
				       owning->task_id)
			: arena_printf(owning->arena, "%s.", reassign_fix(owning, "…"));
}

static bool has_followed(const struct owning *owning)
{
	return owning->changed &&
	       strcmp(owning->changed->kind, "followed_owner") == 0 &&
	       strcmp(text_of(owning, owning->changed, "assignee"),
		      owning->assignee ? owning->assignee : "") == 0;
}

static void tell_followed(struct owning *owning)
{
	owning->cause = "followed_owner";
	owning->detail = arena_printf(owning->arena, "%s It was at %s. Before that: %s",
				      text_of(owning, owning->changed, "why"),
				      when(owning, owning->changed->at),
				      text_of(owning, owning->made, "why"));
	owning->fix = arena_printf(
		owning->arena,
		"Say follow-owner=\"no\" in <manual-sms id=\"%s\">, or change the owner "
		"(PATCH /api/v1/contacts/%llu); for this one: %s.",
		owning->task->step_id, (unsigned long long)owning->contact->id,
		reassign_fix(owning, "…"));
}

static bool is_made_for(const struct owning *owning, const char *login)
{
	return strcmp(text_of(owning, owning->made, "assignee"), login ? login : "") ==
	       0;
}

static void tell_owner_changed(struct owning *owning)
{
	owning->cause = "owner_changed";
	owning->detail = arena_printf(
		owning->arena,
		"%s. The contact's owner is %s by now, and a task stays with whom it was "
		"made for, unless its step says follow-owner=\"yes\"",
		text_of(owning, owning->made, "why"), owning->owner);
	owning->fix =
		arena_printf(owning->arena, "%s.", reassign_fix(owning, owning->owner));
}

static void tell_origin(struct owning *owning)
{
	owning->cause = task_origin_name(owning->task->origin);
	owning->detail =
		owning->task->why ? owning->task->why
		: owning->assignee
			? "Whoever made the task gave it to them"
			: "Whoever made the task gave it to nobody in particular";
	owning->fix = arena_printf(owning->arena, "%s.", reassign_fix(owning, "…"));
}

/* What came last is the cause. */
static void decide(struct owning *owning)
{
	const char *rule = text_of(owning, owning->made, "rule");
	if (!owning->made) {
		tell_origin(owning);
	} else if (has_followed(owning)) {
		tell_followed(owning);
	} else if (owning->changed && owning->assignee) {
		tell_changed(owning);
	} else if (!is_made_for(owning, owning->assignee)) {
		owning->cause = "handed_over";
		owning->detail = owning->task->why ? owning->task->why : "";
		owning->fix =
			arena_printf(owning->arena, "%s.", reassign_fix(owning, "…"));
	} else if (counts(owning)) {
		tell_given(owning);
		if (owning->assignee && owning->owner &&
		    strcmp(owning->assignee, owning->owner) != 0)
			tell_owner_changed(owning);
	} else {
		tell_owner(owning);
		if (strcmp(owning->cause, rule) == 0 && owning->assignee &&
		    owning->owner && strcmp(owning->assignee, owning->owner) != 0)
			tell_owner_changed(owning);
	}
}

/* --- the answer --- */

static void write_assigned(const struct owning *owning, struct json *json)
{
	const struct journal_row *line = owning->given;
	json_key(json, "assigned");
	if (!line) {
		json_null(json);
		return;
	}
	json_object(json);
	json_key_str(json, "step", line->step_id);
	json_key_time(json, "at", line->at);
	json_key(json, "detail");
	json_raw(json, line->detail, strlen(line->detail));
	json_end_object(json);
}

static void write_warnings(const struct owning *owning, struct json *json)
{
	const struct step *behind = assign_behind(owning);
	json_key(json, "warnings");
	json_array(json);
	if (behind) {
		json_object(json);
		json_key_str(json, "code", "assign_after_manual_sms");
		json_key_str(json, "detail",
			     arena_printf(owning->arena,
					  "Step %s assigns a user, but stands behind "
					  "this manual-sms: the task was made before "
					  "it ran.",
					  behind->id));
		json_key_str(json, "fix",
			     "Move the assign-user before the manual-sms.");
		json_end_object(json);
	}
	json_end_array(json);
}

static enum err write_answer(const struct owning *owning, struct json *json)
{
	const struct task *task = owning->task;
	json_object(json);
	json_key(json, "assignee");
	enum err err = people_write(owning->db, owning->arena, task->assignee_id, json);
	json_key_str(json, "why", task->why);
	json_key_str(json, "cause", owning->cause);
	json_key_str(json, "detail", owning->detail);
	json_key_str(json, "fix", owning->fix);
	write_assigned(owning, json);
	write_warnings(owning, json);
	json_key(json, "owner");
	if (err == ERR_OK)
		err = people_write(owning->db, owning->arena, owning->contact->owner_id,
				   json);
	json_end_object(json);
	return err;
}

enum err task_why_user(struct db *db, struct arena *arena, const struct card *card,
		       struct json *json)
{
	struct owning owning = {
		.db = db,
		.arena = arena,
		.task = &card->task,
		.contact = &card->contact,
		.plan = card->plan,
		.task_id =
			arena_printf(arena, "%llu", (unsigned long long)card->task.id),
		.fix = "",
	};
	enum err err = read_journal(&owning);
	if (err == ERR_OK)
		err = login_of(&owning, card->task.assignee_id, &owning.assignee);
	if (err == ERR_OK)
		err = login_of(&owning, card->contact.owner_id, &owning.owner);
	if (err != ERR_OK)
		return err;
	decide(&owning);
	return write_answer(&owning, json);
}
