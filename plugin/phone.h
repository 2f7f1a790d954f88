/* phone.h - is this a number that a text can be sent to?
 *
 * Three answers, kept apart: *valid* (the numbering plan has such numbers), *possible* (the length is right, the
 * plan as the library knows it has it not: new ranges look like this) and *invalid*, each with the reason in a
 * sentence. The library is libphonenumber, whose data is as old as its package; the operator, who knows the plan,
 * overrules it both ways:
 *
 *	group = number-plan
 *	prefix = +229
 *	lengths = 10			digits that may follow the prefix: "10", "7 9", "9-12,13"
 *	type = mobile
 *
 * The longest prefix that matches a number decides alone: a length from the list makes it valid, another makes it
 * invalid.
 *
 *	struct phone_check check;
 *	phone_check(rules, "0912 345 678", "PT", &check);
 *	if (check.verdict == PHONE_INVALID) … check.reason
 *
 * Refused whatever the library thinks: extensions, short codes, letters, two numbers in one field.
 *
 * Thread: any; rules are read only once built. The library's tables are loaded at the first check, so that an idle
 * process stays small. Ref: ITU-T E.164, E.123; github.com/google/libphonenumber
 */
#ifndef HB_PLUGIN_PHONE_H
#define HB_PLUGIN_PHONE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum phone_verdict { PHONE_INVALID, PHONE_POSSIBLE, PHONE_VALID };

enum phone_type {
	PHONE_TYPE_UNKNOWN,
	PHONE_TYPE_MOBILE,
	PHONE_TYPE_FIXED_LINE,
	PHONE_TYPE_FIXED_LINE_OR_MOBILE, /* North America does not tell them apart */
	PHONE_TYPE_VOIP,
	PHONE_TYPE_TOLL_FREE,
	PHONE_TYPE_PREMIUM_RATE,
	PHONE_TYPE_SHARED_COST,
	PHONE_TYPE_PERSONAL,
	PHONE_TYPE_PAGER,
	PHONE_TYPE_UAN,
	PHONE_TYPE_VOICEMAIL,
};

enum {
	PHONE_RAW_MOST = 64, /* bytes of a number as it was typed */
	PHONE_E164_LEN = 24, /* "+", 15 digits, NUL; gateway addresses up to 20 */
	PHONE_REGION_LEN = 4,
	PHONE_REASON_LEN = 256,
};

struct phone_check {
	enum phone_verdict verdict;
	enum phone_type type;
	bool by_plan;              /* the operator's number-plan decided */
	char e164[PHONE_E164_LEN]; /* "+351912345678"; "" when it cannot be one */
	/* ISO 3166, "001" for none in particular; "" unknown */
	char region[PHONE_REGION_LEN];
	/* for a person: what is wrong and how to mend it; "" when nothing is */
	char reason[PHONE_REASON_LEN];
};

struct phone_rules;

/* phone_check - raw is what a person typed or a file held, in UTF-8; default_region (ISO, "PT") is used for numbers
 * without "+" and may be NULL or "": then "00" is taken for "+". rules may be NULL. */
void phone_check(const struct phone_rules *rules, const char *raw,
		 const char *default_region, struct phone_check *out);

/* phone_check_kept - the verdict of a number as phone_check wrote it, of its region as it said then: for numbers that are
 * looked at again and again. The operator's plan may have changed since. Some ten times cheaper than phone_check. */
enum phone_verdict phone_check_kept(const struct phone_rules *rules, const char *e164,
				    const char *region);

/* phone_from_gateway - the address of an inbound text as E.164. Kannel gives it with or without "+" or "00", in
 * international form when the type of number says so and in national form when it does not. true: e164_out is a
 * number ("+351912345678"). false: a short code or a name; e164_out is the address as it came, cut to its room. */
bool phone_from_gateway(const char *address, const char *default_region,
			char e164_out[PHONE_E164_LEN]);

/* phone_region_is_known - "PT", "US", …: two capital letters that the library has a plan for. */
bool phone_region_is_known(const char *region);

/* phone_type_name, phone_verdict_name - as in the API: "fixed_line", "valid". Never NULL. */
const char *phone_type_name(enum phone_type type);
const char *phone_verdict_name(enum phone_verdict verdict);

/* phone_rules_new - an empty set; the caller frees it. */
struct phone_rules *phone_rules_new(void);
void phone_rules_free(struct phone_rules **rules);

/* phone_rules_add - one number-plan. prefix: "+229" or "229", 1 to 15 digits; lengths: see above; type: a name as
 * in phone_type_name, NULL or "" for unknown. ERR_INVALID with a sentence in why (of why_bytes) when one is not
 * acceptable; ERR_DUPLICATE: the prefix is there already. */
enum err phone_rules_add(struct phone_rules *rules, const char *prefix,
			 const char *lengths, const char *type, char *why,
			 size_t why_bytes) MUST_CHECK;

struct kannel_conf;

/* phone_rules_from_conf - every number-plan group of a configuration. Keys: prefix, lengths (both needed), type.
 * ERR_INVALID: *why_out (mem_free) says file, line, what and how to mend it. */
enum err phone_rules_from_conf(const struct kannel_conf *conf,
			       struct phone_rules **rules_out,
			       char **why_out) MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
