/* why_task.c - the task that came of it, and what became of that: see why.h */
#include <string.h>

#include "core/holds.h"
#include "core/why_parts.h"
#include "core/workflow_parts.h"
#include "model/hold_reason.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

/* The task at hand, for the words of its state. */
struct telling {
	struct asked *asked;
	const struct task *task;
	const char *id;
	struct answer *answer;
};

static void add(struct telling *telling, const char *text)
{
	telling->answer->detail = arena_printf(telling->asked->arena, "%s %s",
					       telling->answer->detail, text);
}

static void fix(struct telling *telling, const char *act)
{
	telling->answer->ok = false;
	telling->answer->fix = arena_printf(
		telling->asked->arena, "POST /api/v1/tasks/%s/%s", telling->id, act);
}

/* The last line about this task that names who did it. */
static const char *by_whom(const struct telling *telling)
{
	struct asked *asked = telling->asked;
	const char *by = "";
	for (size_t i = 0; i < asked->line_count; i++) {
		const struct journal_row *line = &asked->lines[i];
		const char *name;
		if (strcmp(journal_text(asked->arena, line->detail, "task"),
			   telling->id) != 0)
			continue;
		name = journal_text(asked->arena, line->detail, "by");
		by = *name ? name : by;
	}
	return *by ? arena_printf(asked->arena, " by %s", by) : "";
}

static enum err tell_open(struct telling *telling)
{
	(void)telling;
	return ERR_OK;
}

static enum err tell_held(struct telling *telling)
{
	struct asked *asked = telling->asked;
	const char **reasons;
	size_t count;
	enum err err = holds_of(asked->db, asked->arena, telling->task,
				asked->contact.phone_e164, &reasons, &count);
	if (err != ERR_OK)
		return err;
	struct buf text = BUF_EMPTY;
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", reasons[i]);
	add(telling, arena_printf(asked->arena, "It is held: %s.", buf_str(&text)));
	buf_fini(&text);
	const char *first = count ? reasons[0] : "";
	telling->answer->ok = false;
	telling->answer->fix =
		strcmp(first, HOLD_UNPUBLISHED) == 0
			? arena_printf(
				  asked->arena,
				  "POST /api/v1/workflows/%s/publish: its tasks go "
				  "on then.",
				  asked->workflow.id)
			: hold_reason_fix(first);
	return ERR_OK;
}

static enum err tell_snoozed(struct telling *telling)
{
	struct asked *asked = telling->asked;
	add(telling, arena_printf(asked->arena, "It was snoozed until %s%s.",
				  why_when(asked, telling->task->snoozed_until),
				  by_whom(telling)));
	fix(telling, "resume brings it back at once.");
	return ERR_OK;
}

/* Of a sent task: its text is the rest of the answer. */
static enum err tell_sent(struct telling *telling)
{
	struct asked *asked = telling->asked;
	struct message message;
	if (!telling->task->message_id)
		return ERR_OK;
	enum err err = message_rows_load(asked->db, asked->arena,
					 telling->task->message_id, &message);
	if (err != ERR_OK)
		return err;
	const char *id = why_id(asked, message.id);
	add(telling, arena_printf(asked->arena, "Its text %s is %s%s%s%s.", id,
				  message_state_name(message.state), by_whom(telling),
				  message.detail ? ": " : "",
				  message.detail ? message.detail : ""));
	if (message.state == MESSAGE_REFUSED || message.state == MESSAGE_FAILED)
		fix(telling, "reopen, mend the reason, and send it again.");
	if (message.state != MESSAGE_UNCERTAIN)
		return ERR_OK;
	telling->answer->ok = false;
	telling->answer->fix = arena_printf(
		asked->arena,
		"Find out whether it arrived, then POST /api/v1/messages/%s/resolve.",
		id);
	return ERR_OK;
}

static enum err tell_ended(struct telling *telling)
{
	struct asked *asked = telling->asked;
	const struct task *task = telling->task;
	bool is_expired = task->state == TASK_EXPIRED;
	add(telling,
	    arena_printf(asked->arena, "It ended at %s%s%s%s%s.",
			 why_when(asked, task->ended_at), by_whom(telling),
			 is_expired ? ", since nobody sent it before it expired" : "",
			 is_expired || !task->end_reason ? "" : ": ",
			 is_expired || !task->end_reason ? "" : task->end_reason));
	fix(telling, is_expired ? "reopen; a longer expires= in its step for the next "
				  "ones."
				: "reopen.");
	return ERR_OK;
}

static enum err (*const tellers[TASK_STATE_COUNT])(struct telling *) = {
	[TASK_PENDING] = tell_open,    [TASK_HELD] = tell_held,
	[TASK_SNOOZED] = tell_snoozed, [TASK_SENT] = tell_sent,
	[TASK_SKIPPED] = tell_ended,   [TASK_EXPIRED] = tell_ended,
	[TASK_CANCELLED] = tell_ended,
};

static enum err tell_task(struct asked *asked, struct answer *answer)
{
	const struct task *task = &asked->task;
	struct telling telling = {asked, task, why_id(asked, task->id), answer};
	struct user user = {.login = "nobody: it is in the pool"};
	enum err err = task->assignee_id ? user_rows_load(asked->db, asked->arena,
							  task->assignee_id, &user)
					 : ERR_OK;
	if (err != ERR_OK)
		return err;
	const char *why = task->why ? task->why : "";
	size_t len = strlen(why);
	answer->detail =
		arena_printf(asked->arena, "Task %s (%s) is %s, for %s. %s%s",
			     telling.id, task->name, task_state_name(task->state),
			     user.login, why, len && why[len - 1] != '.' ? "." : "");
	return tellers[task->state](&telling);
}

static bool has_sms(const struct plan *plan)
{
	for (size_t i = 0; plan && i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_MANUAL_SMS)
			return true;
	return false;
}

enum err why_ask_task(struct asked *asked, struct answer *answer)
{
	if (asked->task.id)
		return tell_task(asked, answer);
	answer->ok = false;
	if (!asked->has_run) {
		answer->detail = "There is none: the contact is not enrolled.";
		answer->fix = why_enroll_fix(asked);
	} else if (has_sms(asked->run_plan)) {
		answer->detail = "The enrollment came to no manual-sms step: see its "
				 "position and the branch.";
		answer->fix = arena_printf(
			asked->arena,
			"GET /api/v1/enrollments/%s/journal has each step.",
			why_id(asked, asked->run.id));
	} else {
		answer->detail = "The workflow has no manual-sms step, so it makes no "
				 "tasks.";
		answer->fix = arena_printf(
			asked->arena,
			"Add a <manual-sms> step, publish that, and enroll again: %s",
			why_enroll_fix(asked));
	}
	return ERR_OK;
}
