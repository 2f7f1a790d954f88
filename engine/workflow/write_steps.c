/* write_steps.c - the steps of a plan as XML; see write.h */
#include "workflow/writing.h"

/* A list inside of a step, and where it starts. */
struct list {
	const char *name;
	int first; /* as step_sms.exits */
};

enum { LISTS_MOST = SMS_EXIT_COUNT };

/* The lists of a step with exits; how many. */
static size_t lists_of(const struct step *step, struct list lists[LISTS_MOST])
{
	if (step->kind == STEP_WAIT_FOR_REPLY) {
		lists[0] = (struct list){"on-reply", step->reply.on_reply};
		lists[1] = (struct list){"on-timeout", step->reply.on_timeout};
		return 2;
	}
	if (step->kind != STEP_MANUAL_SMS)
		return 0;
	const int *exits = step->sms.exits;
	lists[0] = (struct list){"on-sent", exits[SMS_EXIT_SENT]};
	lists[1] = (struct list){"on-skipped", exits[SMS_EXIT_SKIPPED]};
	lists[2] = (struct list){"on-expired", exits[SMS_EXIT_EXPIRED]};
	lists[3] = (struct list){"on-failed", exits[SMS_EXIT_FAILED]};
	return 4;
}

static bool has_lists(const struct step *step)
{
	struct list lists[LISTS_MOST];
	size_t count = lists_of(step, lists);
	for (size_t i = 0; i < count; i++)
		if (lists[i].first != PLAN_NO_EXIT)
			return true;
	return false;
}

static void put_list(struct writing *writing, const struct step *holder,
		     const char *name, int first);

static void put_lists(struct writing *writing, const struct step *step)
{
	struct list lists[LISTS_MOST];
	size_t count = lists_of(step, lists);
	for (size_t i = 0; i < count; i++)
		if (lists[i].first != PLAN_NO_EXIT)
			put_list(writing, step, lists[i].name, lists[i].first);
}

static void put_assign(struct writing *writing, const struct step *step)
{
	const struct step_assign *assign = &step->assign;
	put_attribute(writing, "only-unassigned",
		      assign->only_unassigned ? "yes" : NULL);
	put_inside(writing);
	if (assign->team) {
		put_open(writing, "team");
		put_attribute(writing, "name", assign->team);
		put_attribute(writing, "pool", assign->is_pool ? "yes" : NULL);
		put_close(writing);
	}
	for (size_t i = 0; i < assign->user_count; i++) {
		const struct plan_user *user = &assign->users[i];
		put_open(writing, "user");
		put_attribute(writing, "login", user->login);
		if (user->weight != 1)
			buf_printf(writing->buf, " weight=\"%u\"", user->weight);
		put_close(writing);
	}
	put_end(writing, step_kind_name(step->kind));
}

static void put_sms(struct writing *writing, const struct step *step)
{
	const struct step_sms *sms = &step->sms;
	put_attribute(writing, "name", sms->name);
	put_span(writing, "due", sms->due);
	put_span(writing, "expires", sms->expires);
	put_attribute(writing, "wait", sms->does_wait ? NULL : "no");
	put_attribute(writing, "follow-owner", sms->follows_owner ? "yes" : NULL);
	put_attribute(writing, "locked", sms->is_locked ? "yes" : NULL);
	if (sms->priority)
		buf_printf(writing->buf, " priority=\"%u\"", sms->priority);
	if (!sms->text && !sms->snippet && !has_lists(step)) {
		put_close(writing);
		return;
	}
	put_inside(writing);
	if (sms->text)
		put_text(writing, "message", sms->text);
	if (sms->snippet) {
		put_open(writing, "message");
		put_attribute(writing, "snippet", sms->snippet);
		put_close(writing);
	}
	put_lists(writing, step);
	put_end(writing, step_kind_name(step->kind));
}

static void put_reply(struct writing *writing, const struct step *step)
{
	put_attribute(writing, "to", step->reply.to);
	put_span(writing, "timeout", step->reply.timeout);
	if (!has_lists(step)) {
		put_close(writing);
		return;
	}
	put_inside(writing);
	put_lists(writing, step);
	put_end(writing, step_kind_name(step->kind));
}

static void put_wall(struct writing *writing, const struct wall *wall)
{
	buf_printf(writing->buf, " until=\"%04d-%02d-%02dT%02d:%02d", wall->year,
		   wall->month, wall->day, wall->hour, wall->minute);
	if (wall->second)
		buf_printf(writing->buf, ":%02d", wall->second);
	buf_add_char(writing->buf, '"');
}

static void put_wait(struct writing *writing, const struct step *step)
{
	const struct step_wait *wait = &step->wait;
	if (wait->kind == WAIT_FOR)
		put_span(writing, "for", wait->span);
	else if (wait->kind == WAIT_UNTIL)
		put_wall(writing, &wait->wall);
	else if (wait->kind == WAIT_UNTIL_HOURS)
		put_attribute(writing, "until-hours", "yes");
	else {
		put_attribute(writing, "until-field", wait->field);
		put_offset(writing, wait->offset_ms);
	}
	put_close(writing);
}

static void put_email(struct writing *writing, const struct step *step)
{
	put_attribute(writing, "to", step->email.to_text);
	put_attribute(writing, "subject", step->email.subject_text);
	put_inside(writing);
	put_text(writing, "body", step->email.body_text);
	put_end(writing, step_kind_name(step->kind));
}

static void put_branch(struct writing *writing, const struct step *step)
{
	const struct step_branch *branch = &step->branch;
	put_inside(writing);
	for (size_t i = 0; i < branch->when_count; i++) {
		const struct branch_when *when = &branch->whens[i];
		put_open(writing, "when");
		put_attribute(writing, "name", when->name);
		put_inside(writing);
		put_condition(writing, when->condition);
		put_list(writing, step, "steps", when->first);
		put_end(writing, "when");
	}
	if (branch->otherwise != PLAN_NO_EXIT)
		put_list(writing, step, "otherwise", branch->otherwise);
	put_end(writing, step_kind_name(step->kind));
}

static void put_tag(struct writing *writing, const struct step *step)
{
	put_attribute(writing, "tag", step->tag);
	put_close(writing);
}

static void put_set_field(struct writing *writing, const struct step *step)
{
	put_attribute(writing, "field", step->set_field.field);
	put_attribute(writing, "value", step->set_field.value_text);
	put_close(writing);
}

static void put_hook(struct writing *writing, const struct step *step)
{
	put_attribute(writing, "hook", step->hook.hook);
	put_attribute(writing, "url", step->hook.url);
	put_attribute(writing, "event", step->hook.event);
	put_close(writing);
}

static void put_go_to(struct writing *writing, const struct step *step)
{
	put_attribute(writing, "step", step->go_to.step_id);
	if (step->go_to.max)
		buf_printf(writing->buf, " max=\"%u\"", step->go_to.max);
	put_close(writing);
}

static void put_nothing(struct writing *writing, const struct step *step)
{
	(void)step;
	put_close(writing);
}

/* what stands behind the id, per kind */
static void (*const step_writers[])(struct writing *writing,
				    const struct step *step) = {
	[STEP_ASSIGN_USER] = put_assign,   [STEP_MANUAL_SMS] = put_sms,
	[STEP_WAIT_FOR_REPLY] = put_reply, [STEP_WAIT] = put_wait,
	[STEP_BRANCH] = put_branch,        [STEP_SEND_EMAIL] = put_email,
	[STEP_ADD_TAG] = put_tag,          [STEP_REMOVE_TAG] = put_tag,
	[STEP_SET_FIELD] = put_set_field,  [STEP_CALL_HOOK] = put_hook,
	[STEP_GO_TO] = put_go_to,          [STEP_END] = put_nothing,
};
_Static_assert(sizeof(step_writers) / sizeof(step_writers[0]) == STEP_KIND_COUNT,
	       "a writer per kind");

/* The index behind the last step inside of this one. */
static size_t behind_inside(const struct plan *plan, size_t at)
{
	int holder = (int)at;
	for (at++; at < plan->step_count && plan->steps[at].parent >= holder; at++)
		;
	return at;
}

static void put_step(struct writing *writing, const struct step *step)
{
	put_open(writing, step_kind_name(step->kind));
	put_attribute(writing, "id", step->is_id_written ? step->id : NULL);
	step_writers[step->kind](writing, step);
}

/* holder NULL: the workflow's own steps. An empty list starts with what follows its holder. */
static void put_list(struct writing *writing, const struct step *holder,
		     const char *name, int first)
{
	const struct plan *plan = writing->plan;
	size_t end = holder ? behind_inside(plan, (size_t)(holder - plan->steps))
			    : plan->step_count;
	put_open(writing, name);
	if (first == (holder ? holder->next : PLAN_END)) {
		put_close(writing);
		return;
	}
	put_inside(writing);
	size_t at = (size_t)first;
	do {
		put_step(writing, &plan->steps[at]);
		at = behind_inside(plan, at);
	} while (at < end && !writing->is_first[at]);
	put_end(writing, name);
}

static void mark_first(struct writing *writing, const struct step *holder, int first)
{
	if (first >= 0 && first != holder->next)
		writing->is_first[first] = true;
}

static void mark_firsts(struct writing *writing)
{
	const struct plan *plan = writing->plan;
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		struct list lists[LISTS_MOST];
		size_t count = lists_of(step, lists);
		for (size_t k = 0; k < count; k++)
			mark_first(writing, step, lists[k].first);
		if (step->kind != STEP_BRANCH)
			continue;
		for (size_t k = 0; k < step->branch.when_count; k++)
			mark_first(writing, step, step->branch.whens[k].first);
		mark_first(writing, step, step->branch.otherwise);
	}
}

void put_all_steps(struct writing *writing)
{
	mark_firsts(writing);
	put_list(writing, NULL, "steps", writing->plan->first);
}
