/* rules.c - see rules.h */
#include "model/rules.h"

#include <string.h>

static const char *const changed_names[CHANGED_COUNT] = {
	"recipient", "sender",           "thread", "assignee", "lease",
	"consent",   "workflow_version", "owner",  "text",
};

const char *changed_name(unsigned bit_index)
{
	return changed_names[bit_index];
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

const char *receipt_original(const struct receipt *receipt)
{
	return receipt->rendered_text ? receipt->rendered_text : receipt->offered_text;
}

unsigned receipt_changes(const struct receipt *receipt, const struct receipt_now *now)
{
	unsigned changed = 0;
	if (!same_text(receipt->recipient, now->recipient))
		changed |= CHANGED_RECIPIENT;
	if (!same_text(receipt->sender, now->sender) ||
	    !same_text(receipt->smsc, now->smsc))
		changed |= CHANGED_SENDER;
	if (receipt->thread_head_id != now->thread_head_id)
		changed |= CHANGED_THREAD;
	if (receipt->assignee_id != now->assignee_id)
		changed |= CHANGED_ASSIGNEE;
	if (receipt->fence != now->fence || receipt->is_void)
		changed |= CHANGED_LEASE;
	if (receipt->consent_revision != now->consent_revision)
		changed |= CHANGED_CONSENT;
	if (receipt->workflow_version != now->workflow_version)
		changed |= CHANGED_WORKFLOW_VERSION;
	if (receipt->owner_id != now->owner_id)
		changed |= CHANGED_OWNER;
	if (now->rendered_text && strcmp(receipt->rendered_text ? receipt->rendered_text
								: receipt->offered_text,
					 now->rendered_text) != 0)
		changed |= CHANGED_TEXT;
	return changed;
}

int turn_next(struct turn *turns, size_t count)
{
	int best = -1;
	int32_t total = 0;
	for (size_t i = 0; i < count; i++) {
		if (!turns[i].is_available)
			continue;
		turns[i].credit += turns[i].weight;
		total += turns[i].weight;
		if (best < 0 || turns[i].credit > turns[best].credit)
			best = (int)i;
	}
	if (best >= 0)
		turns[best].credit -= total;
	return best;
}

bool task_is_visible(const struct actor *actor, const struct policy *policy,
		     const struct task *task, bool in_team)
{
	if (!actor->user_id || actor->role != ROLE_AGENT ||
	    policy->agents_see == AGENTS_SEE_ALL)
		return true;
	if (task->assignee_id == actor->user_id)
		return true;
	if (!task->assignee_id)
		return !task->team_id || in_team;
	return policy->agents_see == AGENTS_SEE_TEAM && in_team;
}

bool task_may_act(const struct actor *actor, const struct task *task, bool in_team)
{
	if (actor->role == ROLE_AUDITOR)
		return false;
	if (actor_leads(actor))
		return true;
	if (task->assignee_id)
		return task->assignee_id == actor->user_id;
	return !task->team_id || in_team;
}
