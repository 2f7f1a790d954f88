/* value.h - the types that attributes of the language have.
 *
 * A type says what it expects, for messages, and checks one text. A new kind of attribute is a new row in value.c.
 * Pure.
 */
#ifndef HB_WORKFLOW_VALUE_H
#define HB_WORKFLOW_VALUE_H

#include <stdint.h>

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
extern const struct value_type value_duration; /* number: ms */
extern const struct value_type value_yes_no;   /* number: 1, 0 */
extern const struct value_type value_only_no;  /* yes is not built */
extern const struct value_type value_reentry;  /* number: enum reentry */
extern const struct value_type value_sender;
extern const struct value_type value_smsc;
extern const struct value_type value_not_built; /* the whole attribute */

#endif
