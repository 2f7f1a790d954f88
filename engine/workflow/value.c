/* value.c - see value.h */
#include "workflow/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "model/condition.h"
#include "model/duration.h"
#include "model/template.h"

enum {
	SENDER_MAX = 20,
	SMSC_MAX = 64,
	LOGIN_MAX = 64,
	LINE_MAX_BYTES = 1000,
	URL_MAX = 2000,
	FIELD_NAME_MAX = 64, /* of contact.custom.NAME */
};

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

static const char *check_count(const char *text, long most, const char *code,
			       int64_t *number_out)
{
	size_t len = strlen(text);
	if (len < 1 || len > 4 || strspn(text, "0123456789") != len)
		return code;
	*number_out = strtol(text, NULL, 10);
	return *number_out >= 1 && *number_out <= most ? NULL : code;
}

static const char *check_weight(const char *text, int64_t *number_out)
{
	return check_count(text, PLAN_WEIGHT_MAX, "bad_weight", number_out);
}

static const char *check_priority(const char *text, int64_t *number_out)
{
	if (text[0] < '0' || text[0] > '0' + PLAN_PRIORITY_MAX || text[1])
		return "bad_priority";
	*number_out = text[0] - '0';
	return NULL;
}

static const char *check_max(const char *text, int64_t *number_out)
{
	return check_count(text, PLAN_GO_TO_MAX, "bad_max", number_out);
}

/* --- time --- */

static const char *check_duration(const char *text, int64_t *number_out)
{
	bool is_working;
	return duration_parse(text, number_out, &is_working) == ERR_OK ? NULL
								       : "bad_duration";
}

struct plan_span value_span(const char *text)
{
	struct plan_span span = {0};
	if (text && duration_parse(text, &span.ms, &span.is_working) != ERR_OK)
		return (struct plan_span){0};
	return span;
}

static const char *check_offset(const char *text, int64_t *number_out)
{
	bool is_working, is_negative = text[0] == '-';
	if (duration_parse(text + (is_negative || text[0] == '+'), number_out,
			   &is_working) != ERR_OK ||
	    is_working)
		return "bad_offset";
	if (is_negative)
		*number_out = -*number_out;
	return NULL;
}

static const char *check_days_offset(const char *text, int64_t *number_out)
{
	const char *code = check_offset(text, number_out);
	return code || *number_out % DAY_MS == 0 ? code : "bad_offset";
}

/* Without the ranges and commas of handbox.conf. */
static const char *check_days(const char *text, int64_t *number_out)
{
	static const char names[] = "mon tue wed thu fri sat sun";
	static const char blanks[] = " \t\r\n";
	*number_out = 0;
	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		size_t len = strcspn(text, blanks);
		const char *found =
			len == 3 ? memmem(names, strlen(names), text, 3) : NULL;
		if (!found || (found - names) % 4)
			return "bad_days";
		*number_out |= 1 << (found - names) / 4;
		text += len;
	}
	return *number_out ? NULL : "bad_days";
}

static int days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap);
}

/* Digits for 9, the rest as it stands. */
static bool looks_like(const char *text, const char *picture)
{
	for (; *picture; text++, picture++)
		if (*picture == '9' ? *text < '0' || *text > '9' : *text != *picture)
			return false;
	return !*text;
}

bool value_wall_parse(const char *text, struct wall *wall_out)
{
	bool has_seconds = looks_like(text, "9999-99-99T99:99:99");
	if (!has_seconds && !looks_like(text, "9999-99-99T99:99"))
		return false;
	const struct wall wall = {
		.year = atoi(text),
		.month = atoi(text + 5),
		.day = atoi(text + 8),
		.hour = atoi(text + 11),
		.minute = atoi(text + 14),
		.second = has_seconds ? atoi(text + 17) : 0,
	};
	if (wall.year < 1970 || wall.month < 1 || wall.month > 12 || wall.day < 1 ||
	    wall.day > days_of_month(wall.year, wall.month) || wall.hour > 23 ||
	    wall.minute > 59 || wall.second > 59)
		return false;
	*wall_out = wall;
	return true;
}

static const char *check_clock_to(const char *text, int64_t *number_out)
{
	if (!looks_like(text, "99:99"))
		return "bad_clock";
	int hour = atoi(text), minute = atoi(text + 3);
	*number_out = hour * 60 + minute;
	return minute < 60 && *number_out >= 1 && *number_out <= 24 * 60 ? NULL
									 : "bad_clock";
}

static const char *check_clock_from(const char *text, int64_t *number_out)
{
	if (strcmp(text, "00:00") == 0) {
		*number_out = 0;
		return NULL;
	}
	const char *code = check_clock_to(text, number_out);
	return code || *number_out < 24 * 60 ? code : "bad_clock";
}

static const char *check_zone(const char *text, int64_t *number_out)
{
	(void)number_out;
	return strcmp(text, VALUE_ZONE_CONTACT) == 0 || zone_find(text)
		       ? NULL
		       : "unknown_zone";
}

static const char *check_wall(const char *text, int64_t *number_out)
{
	struct wall wall;
	(void)number_out;
	return value_wall_parse(text, &wall) ? NULL : "bad_instant";
}

/* --- words --- */

static const char *check_yes_no(const char *text, int64_t *number_out)
{
	*number_out = strcmp(text, "yes") == 0;
	return *number_out || strcmp(text, "no") == 0 ? NULL : "bad_value";
}

static const char *check_only_yes(const char *text, int64_t *number_out)
{
	const char *code = check_yes_no(text, number_out);
	return code || *number_out ? code : "bad_value";
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

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *check_event(const char *text, int64_t *number_out)
{
	(void)number_out;
	size_t len = strlen(text);
	bool is_right = is_letter(text[0]) && len <= PLAN_EVENT_MAX;
	for (const char *at = text; *at && is_right; at++)
		is_right = is_letter(*at) || strchr("0123456789._-", *at);
	return is_right ? NULL : "bad_event";
}

/* With a host, and without a password that everybody who reads the workflow would see. */
static const char *check_url(const char *text, int64_t *number_out)
{
	(void)number_out;
	const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
			   : strncmp(text, "http://", 7) == 0 ? text + 7
							      : "";
	size_t len = strcspn(host, "/?#");
	bool is_right = len && host[0] != ':' && !memchr(host, '@', len) &&
			is_printable(text, '!', URL_MAX);
	return is_right ? NULL : "bad_url";
}

/* --- texts with values in them --- */

static const char *check_line(const char *text, int64_t *number_out)
{
	(void)number_out;
	size_t len = strlen(text);
	if (strspn(text, " \t\r\n") == len)
		return "empty_text";
	if (len > LINE_MAX_BYTES)
		return "text_too_long";
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7F)
			return "bad_text";
	return NULL;
}

static const char *check_text(const char *text, int64_t *number_out)
{
	(void)number_out;
	return strlen(text) > TEMPLATE_TEXT_MAX ? "text_too_long" : NULL;
}

/* --- fields --- */

static const char *check_field(const char *text, const char *const *names)
{
	static const char custom[] = "contact.custom.";
	if (!template_knows_field(text))
		return "unknown_field";
	if (strncmp(text, custom, strlen(custom)) == 0)
		return strlen(text) - strlen(custom) <= FIELD_NAME_MAX ? NULL
								       : "bad_field";
	while (*names && strcmp(text, *names) != 0)
		names++;
	return *names ? NULL : "bad_field";
}

static const char *check_set_field(const char *text, int64_t *number_out)
{
	static const char *const names[] = {"contact.first_name", "contact.last_name",
					    "contact.email",      "contact.country",
					    "contact.timezone",   NULL};
	(void)number_out;
	return check_field(text, names);
}

static const char *check_date_field(const char *text, int64_t *number_out)
{
	static const char *const names[] = {"contact.created_at", NULL};
	(void)number_out;
	return check_field(text, names);
}

static const char *check_changed_field(const char *text, int64_t *number_out)
{
	static const char *const names[] = {"contact.first_name", "contact.last_name",
					    "contact.phone",      "contact.email",
					    "contact.country",    "contact.timezone",
					    "contact.owner",      NULL};
	(void)number_out;
	return check_field(text, names);
}

static const char *check_condition_field(const char *text, int64_t *number_out)
{
	(void)number_out;
	return condition_knows_field(text) ? NULL : "unknown_field";
}

static const char *check_any(const char *text, int64_t *number_out)
{
	(void)number_out;
	return strlen(text) <= LINE_MAX_BYTES ? NULL : "text_too_long";
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
const struct value_type value_priority = {"a whole number from 0 to 9", check_priority};
const struct value_type value_max = {"a whole number from 1 to 1000", check_max};
const struct value_type value_duration = {
	"a number and a unit, one of s, m, h, d, w, as in 90s, 15m, 4h, 2d, 1w, or "
	"\"4h working\" to count sending hours; at most ten years",
	check_duration,
};
const struct value_type value_offset = {
	"a number and a unit, with - for before: -7d, 12h, 1w; at most ten years",
	check_offset,
};
const struct value_type value_wall = {
	"a day and an hour of the contact's clock, as in 2027-01-05T09:00",
	check_wall,
};
const struct value_type value_yes_no = {"\"yes\" or \"no\"", check_yes_no};
const struct value_type value_only_yes = {"\"yes\"", check_only_yes};
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
const struct value_type value_event = {
	"a letter, then letters, digits, \".\", \"_\" or \"-\", at most 64 characters",
	check_event,
};
const struct value_type value_url = {
	"https://HOST/… without blanks, name and password, at most 2000 characters",
	check_url,
};
const struct value_type value_line = {
	"a text on one line of at most 1000 bytes, not blank; it may hold values as in "
	"{{ contact.email }}",
	check_line,
};
const struct value_type value_template = {
	"a text of at most 4096 bytes; it may hold values as in {{ contact.name }}",
	check_text,
};
const struct value_type value_set_field = {
	"contact.custom.NAME, contact.first_name, contact.last_name, contact.email, "
	"contact.country or contact.timezone",
	check_set_field,
};
const struct value_type value_date_field = {
	"contact.custom.NAME or contact.created_at",
	check_date_field,
};
const struct value_type value_changed_field = {
	"contact.custom.NAME, contact.first_name, contact.last_name, contact.phone, "
	"contact.email, contact.country, contact.timezone or contact.owner",
	check_changed_field,
};
const struct value_type value_condition_field = {
	"contact.first_name, contact.last_name, contact.name, contact.phone, "
	"contact.email, contact.country, contact.timezone, contact.owner, contact.tag, "
	"contact.created_at, contact.custom.NAME, user.first_name, user.last_name, "
	"user.name, user.login, user.email, account.name, task.ID.outcome, reply.text "
	"or event.NAME",
	check_condition_field,
};
const struct value_type value_days = {
	"days with blanks between them, as in mon tue wed thu fri sat sun",
	check_days,
};
const struct value_type value_clock_from = {
	"an hour of the day from 00:00 to 23:59",
	check_clock_from,
};
const struct value_type value_clock_to = {
	"an hour of the day from 00:01 to 24:00, which is the day's end",
	check_clock_to,
};
const struct value_type value_zone = {
	"\"contact\" for the contact's own time, or a time zone such as "
	"Europe/Lisbon",
	check_zone,
};
const struct value_type value_days_offset = {
	"whole days, with - for before: -7d, 1d, 2w; at most ten years",
	check_days_offset,
};
const struct value_type value_any = {"a text of at most 1000 bytes", check_any};
