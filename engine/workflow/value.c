/* value.c - see value.h */
#include "workflow/value.h"

#include <stdlib.h>
#include <string.h>

#include "model/duration.h"
#include "workflow/plan.h"

enum { SENDER_MAX = 20, SMSC_MAX = 64, LOGIN_MAX = 64 };

static const char *check_id(const char *text, int64_t *number_out)
{
	(void)number_out;
	return plan_id_is_valid(text) ? NULL : "bad_id";
}

static const char *check_name(const char *text, int64_t *number_out)
{
	(void)number_out;
	size_t len = strlen(text);
	if (strspn(text, " \t\r\n") == len)
		return "empty_name";
	if (len > PLAN_NAME_MAX)
		return "text_too_long";
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7F)
			return "bad_name";
	if (text[0] == ' ' || text[len - 1] == ' ')
		return "bad_name";
	return NULL;
}

static const char *check_login(const char *text, int64_t *number_out)
{
	(void)number_out;
	size_t len = strlen(text);
	if (text[0] < 'a' || text[0] > 'z' || len > LOGIN_MAX ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") != len ||
	    strcmp(text, "me") == 0 || strcmp(text, "none") == 0)
		return "bad_login";
	return NULL;
}

static const char *check_weight(const char *text, int64_t *number_out)
{
	size_t len = strlen(text);
	if (len < 1 || len > 4 || strspn(text, "0123456789") != len)
		return "bad_weight";
	*number_out = strtol(text, NULL, 10);
	return *number_out >= 1 && *number_out <= PLAN_WEIGHT_MAX ? NULL : "bad_weight";
}

static const char *check_duration(const char *text, int64_t *number_out)
{
	bool is_working;
	if (duration_parse(text, number_out, &is_working) != ERR_OK)
		return "bad_duration";
	return is_working ? "not_built" : NULL;
}

static const char *check_yes_no(const char *text, int64_t *number_out)
{
	*number_out = strcmp(text, "yes") == 0;
	return *number_out || strcmp(text, "no") == 0 ? NULL : "bad_value";
}

static const char *check_only_no(const char *text, int64_t *number_out)
{
	const char *code = check_yes_no(text, number_out);
	return !code && *number_out ? "not_built" : code;
}

static const char *check_reentry(const char *text, int64_t *number_out)
{
	for (int i = 0; i < REENTRY_COUNT; i++) {
		*number_out = i;
		if (strcmp(text, reentry_name((enum reentry)i)) == 0)
			return NULL;
	}
	return "bad_value";
}

static bool is_printable(const char *text, char from, size_t len_max)
{
	size_t len = strlen(text);
	for (const char *at = text; *at; at++)
		if (*at < from || *at > '~')
			return false;
	return len >= 1 && len <= len_max;
}

static const char *check_sender(const char *text, int64_t *number_out)
{
	(void)number_out;
	bool is_padded = text[0] == ' ' || (text[0] && text[strlen(text) - 1] == ' ');
	return is_printable(text, ' ', SENDER_MAX) && !is_padded ? NULL : "bad_value";
}

static const char *check_smsc(const char *text, int64_t *number_out)
{
	(void)number_out;
	return is_printable(text, '!', SMSC_MAX) ? NULL : "bad_value";
}

static const char *check_not_built(const char *text, int64_t *number_out)
{
	(void)text, (void)number_out;
	return "not_built";
}

const struct value_type value_id = {
	"a letter, then letters, digits, \"-\" or \"_\", at most 64 characters",
	check_id,
};
const struct value_type value_name = {
	"1 to 120 bytes, not blank, without blanks around and control characters",
	check_name,
};
const struct value_type value_login = {
	"a login: a small letter, then small letters, digits, \".\", \"_\" or \"-\"; "
	"not \"me\" or \"none\"",
	check_login,
};
const struct value_type value_weight = {"a whole number from 1 to 1000", check_weight};
const struct value_type value_duration = {
	"a number and a unit, one of s, m, h, d, w, as in 90s, 15m, 4h, 2d, 1w; at "
	"most ten years",
	check_duration,
};
const struct value_type value_yes_no = {"\"yes\" or \"no\"", check_yes_no};
const struct value_type value_only_no = {"\"no\"", check_only_no};
const struct value_type value_reentry = {
	"\"once\", \"one-at-a-time\" or \"concurrent\"",
	check_reentry,
};
const struct value_type value_sender = {
	"a number or name of 1 to 20 printable ASCII characters",
	check_sender,
};
const struct value_type value_smsc = {
	"an SMSC id of 1 to 64 printable ASCII characters without blanks",
	check_smsc,
};
const struct value_type value_not_built = {"nothing", check_not_built};
