/* phone_plan.c - see phone_plan.h */
#include "plugin/phone_plan.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "plugin/kannel_conf.h"

enum {
	PREFIX_MOST = 15, /* digits: those of a whole number, ITU-T E.164 */
	LENGTHS_TEXT_MOST = 64,
	RULES_MOST = 10000,
};

static const char *const type_names[] = {
	[PHONE_TYPE_UNKNOWN] = "unknown",
	[PHONE_TYPE_MOBILE] = "mobile",
	[PHONE_TYPE_FIXED_LINE] = "fixed_line",
	[PHONE_TYPE_FIXED_LINE_OR_MOBILE] = "fixed_line_or_mobile",
	[PHONE_TYPE_VOIP] = "voip",
	[PHONE_TYPE_TOLL_FREE] = "toll_free",
	[PHONE_TYPE_PREMIUM_RATE] = "premium_rate",
	[PHONE_TYPE_SHARED_COST] = "shared_cost",
	[PHONE_TYPE_PERSONAL] = "personal",
	[PHONE_TYPE_PAGER] = "pager",
	[PHONE_TYPE_UAN] = "uan",
	[PHONE_TYPE_VOICEMAIL] = "voicemail",
};

enum { TYPES = sizeof(type_names) / sizeof(type_names[0]) };

struct rule {
	char prefix[PREFIX_MOST + 2]; /* with "+" */
	char lengths[LENGTHS_TEXT_MOST];
	uint32_t fits; /* bit n: n digits behind the prefix */
	enum phone_type type;
};

struct phone_rules {
	struct rule *rules;
	size_t count;
};

const char *phone_type_name(enum phone_type type)
{
	return (unsigned)type < TYPES ? type_names[type] : "unknown";
}

const char *phone_verdict_name(enum phone_verdict verdict)
{
	static const char *const names[] = {"invalid", "possible", "valid"};
	return names[verdict];
}

/* --- what a person typed ------------------------------------------------ */

/* Digits of other scripts, and the wide forms of East Asian keyboards, mean the same. */
static int digit_of(uint32_t c)
{
	static const uint32_t zeros[] = {'0', 0x0660, 0x06F0, 0x0966, 0xFF10};
	for (unsigned i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (c >= zeros[i] && c <= zeros[i] + 9)
			return (int)(c - zeros[i]);
	return -1;
}

static bool is_filler(uint32_t c)
{
	static const uint32_t fillers[] = {
		' ',    '\t',   '(',    ')',    '-',    '.',    '/',    0xA0,
		0xAD,   0x2007, 0x2009, 0x200B, 0x200E, 0x200F, 0x202A, 0x202C,
		0x202D, 0x202F, 0x2060, 0x3000, 0xFEFF, 0xFF0D,
	};
	if (c >= 0x2010 && c <= 0x2015)
		return true;
	for (unsigned i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
		if (c == fillers[i])
			return true;
	return c == 0x2212;
}

/* Which sentence a character that does not belong there deserves. */
static void explain_foreign(uint32_t c, bool after_digits, char *why, size_t why_bytes)
{
	if (c == UTF8_BAD)
		snprintf(why, why_bytes,
			 "The number is not valid UTF-8; write it in digits");
	else if (after_digits &&
		 (c == 'x' || c == 'X' || c == '#' || c == 'e' || c == 'E'))
		snprintf(why, why_bytes,
			 "A text cannot go to an extension; write the number without "
			 "it");
	else if (c == ',' || c == ';')
		snprintf(why, why_bytes,
			 "There is more than one number here; keep one");
	else if (c < 128 && isalpha((int)c))
		snprintf(why, why_bytes,
			 "The number has letters in it; write it in digits");
	else if (c == '+')
		snprintf(why, why_bytes,
			 "A + stands inside the number; it belongs at its start, once");
	else if (c == '*' || c == '#')
		snprintf(why, why_bytes,
			 "Codes with * or # cannot get a text; write a telephone "
			 "number");
	else
		snprintf(why, why_bytes,
			 "The character U+%04X does not belong in a telephone number; "
			 "remove it",
			 (unsigned)c);
}

bool phone_clean(const char *raw, char *dialled, size_t dialled_bytes, char *why,
		 size_t why_bytes)
{
	const char *at = raw, *end = raw + strlen(raw);
	size_t len = 0;
	if ((size_t)(end - raw) > PHONE_RAW_MOST) {
		snprintf(why, why_bytes,
			 "The number is longer than %d characters; keep one number, in "
			 "digits",
			 PHONE_RAW_MOST);
		return false;
	}
	while (at < end) {
		uint32_t c = utf8_next(&at, end);
		int digit = digit_of(c);
		if (digit >= 0 && len + 1 < dialled_bytes) {
			dialled[len++] = (char)('0' + digit);
		} else if ((c == '+' || c == 0xFF0B) && len == 0) {
			dialled[len++] = '+';
		} else if (!is_filler(c)) {
			explain_foreign(c, len > 3, why, why_bytes);
			return false;
		}
	}
	dialled[len] = '\0';
	if (len > 1 || (len == 1 && dialled[0] != '+'))
		return true;
	snprintf(why, why_bytes,
		 "There is no number here; write + , the country code and the number");
	return false;
}

/* --- the operator's plan ------------------------------------------------- */

struct phone_rules *phone_rules_new(void)
{
	return MEM_NEW(struct phone_rules);
}

void phone_rules_free(struct phone_rules **rules)
{
	if (!*rules)
		return;
	mem_free((*rules)->rules);
	mem_free(*rules);
	*rules = NULL;
}

static bool parse_prefix(const char *prefix, struct rule *rule)
{
	const char *digits = prefix + (prefix[0] == '+');
	size_t len = strlen(digits);
	if (len < 1 || len > PREFIX_MOST || strspn(digits, "0123456789") != len ||
	    digits[0] == '0')
		return false;
	snprintf(rule->prefix, sizeof(rule->prefix), "+%s", digits);
	return true;
}

/* "7 9", "9-12,13" → bits; an empty list, 0, or more digits than E.164 has room for is none. */
static bool parse_lengths(const char *text, unsigned prefix_digits, struct rule *rule)
{
	const char *at = text;
	while (*at) {
		if (*at == ' ' || *at == ',' || *at == '\t') {
			at++;
			continue;
		}
		if (!isdigit((unsigned char)*at))
			return false;
		char *end;
		unsigned long least = strtoul(at, &end, 10), most = least;
		if (*end == '-' && isdigit((unsigned char)end[1]))
			most = strtoul(end + 1, &end, 10);
		if (*end && !strchr(" ,\t", *end))
			return false;
		if (least < 1 || least > most || most > PREFIX_MOST ||
		    most + prefix_digits > PREFIX_MOST)
			return false;
		for (unsigned long n = least; n <= most; n++)
			rule->fits |= UINT32_C(1) << n;
		at = end;
	}
	snprintf(rule->lengths, sizeof(rule->lengths), "%s", text);
	return rule->fits != 0 && strlen(text) < sizeof(rule->lengths);
}

static bool parse_type(const char *name, struct rule *rule)
{
	rule->type = PHONE_TYPE_UNKNOWN;
	if (!name || !*name)
		return true;
	for (unsigned i = 0; i < TYPES; i++) {
		if (strcmp(name, type_names[i]) == 0) {
			rule->type = (enum phone_type)i;
			return true;
		}
	}
	return false;
}

enum err phone_rules_add(struct phone_rules *rules, const char *prefix,
			 const char *lengths, const char *type, char *why,
			 size_t why_bytes)
{
	struct rule rule = {0};
	if (!parse_prefix(prefix, &rule)) {
		snprintf(why, why_bytes,
			 "prefix = %.32s: 1 to 15 digits of an international number, "
			 "like +229",
			 prefix);
		return ERR_INVALID;
	}
	if (!parse_lengths(lengths, (unsigned)strlen(rule.prefix) - 1, &rule)) {
		snprintf(why, why_bytes,
			 "lengths = %.32s: how many digits may follow %s, like 10 or 7 "
			 "9-12; at most 15 with the prefix",
			 lengths, rule.prefix);
		return ERR_INVALID;
	}
	if (!parse_type(type, &rule)) {
		snprintf(why, why_bytes,
			 "type = %.32s: one of mobile, fixed_line, "
			 "fixed_line_or_mobile, voip, unknown",
			 type);
		return ERR_INVALID;
	}
	for (size_t i = 0; i < rules->count; i++) {
		if (strcmp(rules->rules[i].prefix, rule.prefix) == 0) {
			snprintf(why, why_bytes,
				 "prefix = %s stands in an earlier number-plan; put "
				 "the lengths together",
				 rule.prefix);
			return ERR_DUPLICATE;
		}
	}
	if (rules->count == RULES_MOST) {
		snprintf(why, why_bytes, "more than %d number-plan groups", RULES_MOST);
		return ERR_INVALID;
	}
	rules->rules = mem_realloc(rules->rules, (rules->count + 1) * sizeof(rule));
	rules->rules[rules->count++] = rule;
	return ERR_OK;
}

bool phone_plan_rule(const struct phone_rules *rules, const char *e164,
		     struct phone_ruling *ruling_out)
{
	const struct rule *best = NULL;
	size_t best_len = 0;
	for (size_t i = 0; rules && i < rules->count; i++) {
		size_t len = strlen(rules->rules[i].prefix);
		if (len > best_len && strncmp(e164, rules->rules[i].prefix, len) == 0) {
			best = &rules->rules[i];
			best_len = len;
		}
	}
	if (!best)
		return false;
	size_t digits = strlen(e164) - best_len;
	*ruling_out = (struct phone_ruling){
		.fits = digits < 32 && (best->fits >> digits & 1),
		.type = best->type,
		.digits = (unsigned)digits,
		.prefix = best->prefix,
		.lengths = best->lengths,
	};
	return true;
}

/* --- from a configuration ------------------------------------------------ */

static char *place_error(const struct conf_place *place, const char *sentence)
{
	struct buf buf = BUF_EMPTY;
	buf_printf(&buf, "%s:%u: group number-plan: %s", place->file, place->line,
		   sentence);
	return buf_take(&buf);
}

static enum err add_group(struct phone_rules *rules, const struct conf_group *group,
			  char **why_out)
{
	char why[PHONE_REASON_LEN];
	for (const struct conf_key *key = group->keys; key; key = key->next) {
		if (strcmp(key->name, "prefix") && strcmp(key->name, "lengths") &&
		    strcmp(key->name, "type")) {
			snprintf(why, sizeof(why),
				 "unknown key \"%.64s\"; it has prefix, lengths and "
				 "type",
				 key->name);
			*why_out = place_error(&key->place, why);
			return ERR_INVALID;
		}
	}
	const char *prefix = conf_get(group, "prefix"),
		   *lengths = conf_get(group, "lengths");
	if (!prefix || !lengths) {
		*why_out = place_error(
			&group->place,
			prefix ? "lengths is missing: how many digits may follow the "
				 "prefix"
			       : "prefix is missing: the first digits, like +229");
		return ERR_INVALID;
	}
	if (phone_rules_add(rules, prefix, lengths, conf_get(group, "type"), why,
			    sizeof(why)) == ERR_OK)
		return ERR_OK;
	*why_out = place_error(&group->place, why);
	return ERR_INVALID;
}

enum err phone_rules_from_conf(const struct kannel_conf *conf,
			       struct phone_rules **rules_out, char **why_out)
{
	struct phone_rules *rules = phone_rules_new();
	const struct conf_group *group = NULL;
	enum err err = ERR_OK;
	while (err == ERR_OK && (group = kannel_conf_next(conf, "number-plan", group)))
		err = add_group(rules, group, why_out);
	if (err == ERR_OK)
		*rules_out = rules;
	else
		phone_rules_free(&rules);
	return err;
}
