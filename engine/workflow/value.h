/* value.h - the types that attributes of the language have.
 *
 * A type says what it expects, for messages, and checks one text. A new kind of attribute is a new row in value.c.
 * Pure.
 */
#ifndef HB_WORKFLOW_VALUE_H
#define HB_WORKFLOW_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "workflow/plan.h"

#define VALUE_ZONE_CONTACT "contact"

struct value_type {
	const char *expected; /* ends the sentence "expected …" */
	/* NULL when the text is right, *number_out is set then where the type has one;
	 * else the finding's code */
	const char *(*check)(const char *text, int64_t *number_out);
};

extern const struct value_type value_id;       /* a workflow's or step's */
extern const struct value_type value_name;     /* a name, tag or team: not blank */
extern const struct value_type value_login;    /* of a user */
extern const struct value_type value_weight;   /* number: 1..PLAN_WEIGHT_MAX */
extern const struct value_type value_priority; /* number: 0..PLAN_PRIORITY_MAX */
extern const struct value_type value_max;      /* number: 1..PLAN_GO_TO_MAX */
extern const struct value_type value_duration; /* read it with value_span */
extern const struct value_type value_offset;   /* number: ms, may be negative */
extern const struct value_type value_wall;     /* read it with value_wall_parse */
extern const struct value_type value_yes_no;   /* number: 1, 0 */
extern const struct value_type value_only_yes; /* number: 1 */
extern const struct value_type value_reentry;  /* number: enum reentry */
extern const struct value_type value_sender;
extern const struct value_type value_smsc;
extern const struct value_type value_event;         /* its name */
extern const struct value_type value_url;           /* of a hook */
extern const struct value_type value_line;          /* a template on one line */
extern const struct value_type value_template;      /* a template */
extern const struct value_type value_set_field;     /* one that set-field may write */
extern const struct value_type value_date_field;    /* one that holds an instant */
extern const struct value_type value_changed_field; /* one that changes by itself */
extern const struct value_type value_condition_field;
extern const struct value_type value_days;        /* number: a bit per weekday */
extern const struct value_type value_clock_from;  /* number: minutes, 0..1439 */
extern const struct value_type value_clock_to;    /* number: minutes, 1..1440 */
extern const struct value_type value_zone;        /* VALUE_ZONE_CONTACT too */
extern const struct value_type value_days_offset; /* number: ms, whole days */
extern const struct value_type value_any;         /* what a condition compares with */

/* value_span - of a text that value_duration took; NULL: none. */
struct plan_span value_span(const char *text);

/* value_wall_parse - "2027-01-05T09:00", seconds allowed; false: not written that way, or no such day. */
bool value_wall_parse(const char *text, struct wall *wall_out);

#endif
