/* limits.c - see limits.h */
#include "core/limits.h"

#include "core/contact_time.h"
#include "store/message_rows.h"
#include "store/task_rows.h"

const struct hours *limits_hours(const struct policy *policy, const struct plan *plan)
{
	return plan && plan->settings.hours ? plan->settings.hours : policy->hours;
}

enum err limits_of_hours(struct db *db, const struct limits_of *of, int64_t now,
			 struct limits *limits_out)
{
	const struct policy *policy = of->policy;
	const char *number = of->number->e164;
	*limits_out = (struct limits){.hours = limits_hours(policy, of->plan)};
	contact_hours_place(policy, of->contact, &limits_out->place);
	return number ? message_rows_has_heard(db, number, now - policy->reply_grace_ms,
					       &limits_out->is_replying)
		      : ERR_OK;
}

enum err limits_load(struct db *db, const struct limits_of *of, int64_t now,
		     struct limits *limits_out)
{
	struct message_went went;
	const struct frequency_cap *cap = &of->policy->cap;
	const char *number = of->number->e164;
	enum err err = limits_of_hours(db, of, now, limits_out);
	if (err != ERR_OK || !cap->most || of->is_test || !number)
		return err;
	limits_out->cap = *cap;
	err = message_rows_went(db, number, now - cap->span_ms, cap->most, &went);
	if (err == ERR_OK)
		err = lease_rows_reserved(db, number, now, of->card_id,
					  &limits_out->cap_reserved);
	if (err != ERR_OK)
		return err;
	limits_out->cap_used = went.count;
	limits_out->cap_frees_at = went.oldest_at + cap->span_ms;
	return ERR_OK;
}

bool limits_have_room(const struct limits *limits)
{
	return limits->cap.most &&
	       limits->cap_used + limits->cap_reserved < limits->cap.most;
}

void limits_tell(const struct limits *limits, int64_t now, struct guard_facts *facts)
{
	facts->now = now;
	facts->hours = limits->hours;
	facts->place = &limits->place;
	facts->is_replying = limits->is_replying;
	facts->cap = limits->cap;
	facts->cap_used = limits->cap_used;
	facts->cap_reserved = limits->cap_reserved;
	facts->cap_frees_at = limits->cap_frees_at;
}
