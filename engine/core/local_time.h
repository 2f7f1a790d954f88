/* local_time.h - the times that a plan names, as UTC instants: `4h`, `4h working`, `2027-01-05T09:00` on the contact's
 * wall, the date in one of its fields, the next opening of the sending hours. For core/advance*.c.
 */
#ifndef HB_CORE_LOCAL_TIME_H
#define HB_CORE_LOCAL_TIME_H

#include "core/advance_parts.h"

/* local_after - the span from now on, working spans in sending hours; 0: the span is none. INT64_MAX: the hours do not
 * open that long. */
int64_t local_after(const struct walk *walk, const struct plan_span *span);

/* local_wait_end - when a wait is over. */
struct local_wait {
	int64_t until; /* UTC ms, maybe past; 0 with a reason: there is nothing to wait for; INT64_MAX: never */
	const char *rule;  /* as written: "for 2d" */
	const char *value; /* what stood in the field; NULL: nothing */
	bool has_value;    /* the rule is about a field */
	/* why it is over at once: "empty", "no_time" (the value is no time); NULL: see until */
	const char *reason;
};
enum err local_wait_end(const struct walk *walk, const struct step_wait *wait,
			struct local_wait *out) MUST_CHECK;

#endif
