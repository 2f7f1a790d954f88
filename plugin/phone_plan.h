/* phone_plan.h - the two halves of phone.h that need no library: what a person typed, cleaned, and the operator's
 * plan. Used by phone.cc alone. */
#ifndef HB_PLUGIN_PHONE_PLAN_H
#define HB_PLUGIN_PHONE_PLAN_H

#include "plugin/phone.h"

/* phone_clean - raw without blanks, brackets, dots and dashes: digits, perhaps behind one "+". false: why says what
 * does not belong there. */
bool phone_clean(const char *raw, char *dialled, size_t dialled_bytes, char *why,
		 size_t why_bytes);

struct phone_ruling {
	bool fits; /* the length is one of the list */
	enum phone_type type;
	unsigned digits;              /* behind the prefix */
	const char *prefix, *lengths; /* as configured; borrowed from the rules */
};

/* phone_plan_rule - what the longest matching prefix says of an E.164 number; false: none matches. */
bool phone_plan_rule(const struct phone_rules *rules, const char *e164,
		     struct phone_ruling *ruling_out);

#endif
