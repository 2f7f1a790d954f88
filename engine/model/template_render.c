/* template_render.c - filters, rendering and holes; see template.h */
#include "model/template.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "model/template_parts.h"

static bool is_blank(const char *s)
{
	return !s || !s[strspn(s, " \t\r\n")];
}

/* --- case: the C.UTF-8 locale maps letters the same way on every machine --- */

static locale_t letters;

static void letters_open(void)
{
	letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static uint32_t map_case(uint32_t c, bool is_upper)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, letters_open);
	if (letters)
		return is_upper ? towupper_l(c, letters) : towlower_l(c, letters);
	if (is_upper)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* The first letter_count characters in capitals, the others small. A value that is not
 * UTF-8 stays as it is. */
static const char *recase(struct arena *arena, const char *value, size_t capital_count)
{
	size_t len = strlen(value);
	if (!utf8_is_valid(value, len))
		return value;
	struct buf buf = BUF_EMPTY;
	const char *at = value, *end = value + len;
	for (size_t i = 0; at < end; i++)
		utf8_add(&buf, map_case(utf8_next(&at, end), i < capital_count));
	const char *text = arena_strndup(arena, buf_str(&buf), buf.len);
	buf_fini(&buf);
	return text;
}

static const char *apply_upcase(struct arena *arena, const char *value,
				const char *argument, const struct zone *zone)
{
	(void)argument, (void)zone;
	return recase(arena, value, SIZE_MAX);
}

static const char *apply_downcase(struct arena *arena, const char *value,
				  const char *argument, const struct zone *zone)
{
	(void)argument, (void)zone;
	return recase(arena, value, 0);
}

static const char *apply_capitalize(struct arena *arena, const char *value,
				    const char *argument, const struct zone *zone)
{
	(void)argument, (void)zone;
	return recase(arena, value, 1);
}

static const char *apply_default(struct arena *arena, const char *value,
				 const char *argument, const struct zone *zone)
{
	(void)arena, (void)zone;
	return is_blank(value) ? argument : value;
}

/* --- date --- */

struct civil {
	int year, month, day, hour, minute, weekday /* 0 Sunday */, yearday /* 1.. */;
};

static const char *const months[] = {"January",   "February", "March",    "April",
				     "May",       "June",     "July",     "August",
				     "September", "October",  "November", "December"};
static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
				   "Thursday", "Friday", "Saturday"};

static void put_day(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%02d", at->day);
}

static void put_day_blank(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%2d", at->day);
}

static void put_month(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%02d", at->month);
}

static void put_month_name(struct buf *buf, const struct civil *at)
{
	buf_add_str(buf, months[at->month - 1]);
}

static void put_month_short(struct buf *buf, const struct civil *at)
{
	buf_add(buf, months[at->month - 1], 3);
}

static void put_year(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%04d", at->year);
}

static void put_year_short(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%02d", at->year % 100);
}

static void put_hour(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%02d", at->hour);
}

static void put_minute(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%02d", at->minute);
}

static void put_weekday(struct buf *buf, const struct civil *at)
{
	buf_add_str(buf, days[at->weekday]);
}

static void put_weekday_short(struct buf *buf, const struct civil *at)
{
	buf_add(buf, days[at->weekday], 3);
}

static void put_yearday(struct buf *buf, const struct civil *at)
{
	buf_printf(buf, "%03d", at->yearday);
}

static void put_percent(struct buf *buf, const struct civil *at)
{
	(void)at;
	buf_add_char(buf, '%');
}

/* as strftime has them; TEMPLATE_DATE_LETTERS lists the same */
static const struct letter {
	char letter;
	void (*put)(struct buf *buf, const struct civil *at);
} date_letters[] = {
	{'d', put_day},           {'m', put_month},       {'Y', put_year},
	{'y', put_year_short},    {'H', put_hour},        {'M', put_minute},
	{'B', put_month_name},    {'b', put_month_short}, {'A', put_weekday},
	{'a', put_weekday_short}, {'e', put_day_blank},   {'j', put_yearday},
	{'%', put_percent},
};

static const struct letter *letter_find(char c)
{
	for (size_t i = 0; i < sizeof(date_letters) / sizeof(date_letters[0]); i++)
		if (date_letters[i].letter == c)
			return &date_letters[i];
	return NULL;
}

bool template_date_format_is_known(const char *format)
{
	for (const char *at = strchr(format, '%'); at; at = strchr(at + 2, '%'))
		if (!letter_find(at[1]))
			return false;
	return true;
}

/* The start of a year, or of a day in it: text is what stands before "T00:00:00Z". */
static bool midnight_ms(const char *day, int64_t *ms_out)
{
	char text[CLOCK_TEXT_LEN];
	int len = snprintf(text, sizeof(text), "%sT00:00:00Z", day);
	return len < CLOCK_TEXT_LEN && clock_parse(text, ms_out) == ERR_OK;
}

static bool civil_parse(const char *value, const struct zone *zone,
			struct civil *civil_out)
{
	int64_t ms, year_ms;
	if (clock_parse(value, &ms) == ERR_OK)
		ms += zone ? zone_offset_s(zone, ms, NULL, NULL) * SECOND_MS : 0;
	else if (!midnight_ms(value, &ms))
		return false;
	char text[CLOCK_TEXT_LEN], year[16];
	struct civil civil;
	if (sscanf(clock_format(ms, text), "%4d-%2d-%2dT%2d:%2d", &civil.year,
		   &civil.month, &civil.day, &civil.hour, &civil.minute) != 5)
		return false;
	snprintf(year, sizeof(year), "%04d-01-01", civil.year);
	if (!midnight_ms(year, &year_ms))
		return false;
	civil.yearday = (int)((ms - year_ms) / DAY_MS) + 1;
	int64_t day = ms / DAY_MS - (ms % DAY_MS < 0);
	civil.weekday = (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	*civil_out = civil;
	return true;
}

static const char *apply_date(struct arena *arena, const char *value,
			      const char *argument, const struct zone *zone)
{
	struct civil civil;
	if (!civil_parse(value, zone, &civil))
		return value;
	struct buf buf = BUF_EMPTY;
	for (const char *at = argument; *at; at++) {
		const struct letter *letter = *at == '%' ? letter_find(at[1]) : NULL;
		if (letter) {
			letter->put(&buf, &civil);
			at++;
		} else {
			buf_add_char(&buf, *at);
		}
	}
	const char *text = arena_strndup(arena, buf_str(&buf), buf.len);
	buf_fini(&buf);
	return text;
}

const struct template_filter_kind template_filter_kinds[] = {
	{"default", "\"there\"", true, false, apply_default},
	{"upcase", NULL, false, false, apply_upcase},
	{"downcase", NULL, false, false, apply_downcase},
	{"capitalize", NULL, false, false, apply_capitalize},
	{"date", "\"%d/%m\"", false, true, apply_date},
};
const size_t template_filter_kind_count =
	sizeof(template_filter_kinds) / sizeof(template_filter_kinds[0]);

/* --- rendering --- */

static const char *part_value(const struct template_part *part,
			      const struct template_values *values, struct arena *arena)
{
	const char *value = values->lookup(values->arg, part->field);
	if (!value)
		value = "";
	for (const struct template_filter *filter = part->filters; filter;
	     filter = filter->next)
		value = filter->kind->apply(arena, value, filter->argument,
					    values->zone);
	return value;
}

static void add_hole(struct buf *buf, const char *field, struct template_hole *hole)
{
	hole->start_bytes = buf->len;
	hole->field = field;
	buf_printf(buf, "%s%s%s", TEMPLATE_HOLE_OPEN, field, TEMPLATE_HOLE_CLOSE);
	hole->len_bytes = buf->len - hole->start_bytes;
}

void template_render(const struct template *template,
		     const struct template_values *values, struct arena *arena,
		     struct template_rendered *rendered_out)
{
	struct buf buf = BUF_EMPTY;
	struct template_hole *holes =
		ARENA_ARRAY(arena, struct template_hole, template->value_count);
	size_t hole_count = 0;
	for (const struct template_part *part = template->parts; part;
	     part = part->next) {
		if (!part->field) {
			buf_add(&buf, part->text, part->len_bytes);
			continue;
		}
		const char *value = part_value(part, values, arena);
		if (is_blank(value) && !part->has_default)
			add_hole(&buf, part->field, &holes[hole_count++]);
		else
			buf_add_str(&buf, value);
	}
	rendered_out->text = arena_strndup(arena, buf_str(&buf), buf.len);
	rendered_out->len_bytes = buf.len;
	rendered_out->holes = holes;
	rendered_out->hole_count = hole_count;
	buf_fini(&buf);
}

/* --- holes in a text that was edited --- */

static bool is_field_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static const char *field_that_may_be_a_hole(const struct template *template,
					    const char *name, size_t len)
{
	for (const struct template_part *part = template->parts; part;
	     part = part->next)
		if (part->field && !part->has_default && strlen(part->field) == len &&
		    memcmp(part->field, name, len) == 0)
			return part->field;
	return NULL;
}

/* Is there a hole that starts at text? One bracket is enough: half a marker must not go
 * out either. A name without its opening bracket must not have begun before. */
static bool hole_at(const struct template *template, const char *text,
		    bool is_inside_name, struct template_hole *hole_out)
{
	bool is_open = starts_with(text, TEMPLATE_HOLE_OPEN);
	if (is_inside_name && !is_open)
		return false;
	const char *name = is_open ? text + strlen(TEMPLATE_HOLE_OPEN) : text;
	const char *end = name;
	while (is_field_char(*end))
		end++;
	bool is_closed = starts_with(end, TEMPLATE_HOLE_CLOSE);
	size_t len = (size_t)(end - name);
	const char *field = NULL;
	if (is_open || is_closed)
		field = field_that_may_be_a_hole(template, name, len);
	while (!field && is_open && !is_closed && len &&
	       name[len - 1] == '.') /* "⟦contact.name." */
		field = field_that_may_be_a_hole(template, name, --len);
	if (!field)
		return false;
	hole_out->field = field;
	hole_out->len_bytes = (size_t)(name - text) + len +
			      (is_closed ? strlen(TEMPLATE_HOLE_CLOSE) : 0);
	return true;
}

static size_t take_holes(struct buf *found, struct arena *arena,
			 const struct template_hole **holes_out)
{
	size_t count = found->len / sizeof(struct template_hole);
	struct template_hole *holes =
		count ? ARENA_ARRAY(arena, struct template_hole, count) : NULL;
	if (holes)
		memcpy(holes, found->data, count * sizeof(*holes));
	buf_fini(found);
	*holes_out = holes;
	return count;
}

size_t template_find_holes(const struct template *template, const char *text,
			   struct arena *arena, const struct template_hole **holes_out)
{
	struct buf found = BUF_EMPTY;
	bool is_inside_name = false;
	for (const char *at = text; *at;) {
		struct template_hole hole;
		if (!hole_at(template, at, is_inside_name, &hole)) {
			is_inside_name = is_field_char(*at++);
			continue;
		}
		hole.start_bytes = (size_t)(at - text);
		buf_add(&found, &hole, sizeof(hole));
		at += hole.len_bytes;
		is_inside_name = false;
	}
	return take_holes(&found, arena, holes_out);
}

static const char *known_field(const char *name, const char **end_out,
			       struct arena *arena)
{
	const char *end = name;
	while (is_field_char(*end))
		end++;
	*end_out = end;
	const char *field = arena_strndup(arena, name, (size_t)(end - name));
	return template_knows_field(field) ? field : NULL;
}

/* A whole marker, or a value written as workflows write it: in a text that goes as it stands nothing fills it in. */
static bool marker_at(const char *text, struct arena *arena,
		      struct template_hole *hole_out)
{
	const bool is_marker = starts_with(text, TEMPLATE_HOLE_OPEN);
	const char *name = text, *end;
	if (!is_marker && !starts_with(text, "{{"))
		return false;
	name += is_marker ? strlen(TEMPLATE_HOLE_OPEN) : 2;
	if (!is_marker)
		name += strspn(name, " \t\r\n");
	hole_out->field = known_field(name, &end, arena);
	if (!hole_out->field || (is_marker && !starts_with(end, TEMPLATE_HOLE_CLOSE)))
		return false;
	if (is_marker)
		end += strlen(TEMPLATE_HOLE_CLOSE);
	else if (starts_with(end + strcspn(end, "{}"), "}}"))
		end += strcspn(end, "{}") + 2;
	hole_out->len_bytes = (size_t)(end - text);
	return true;
}

size_t template_find_markers(const char *text, struct arena *arena,
			     const struct template_hole **holes_out)
{
	struct buf found = BUF_EMPTY;
	for (const char *at = text; *at;) {
		struct template_hole hole;
		if (!marker_at(at, arena, &hole)) {
			at++;
			continue;
		}
		hole.start_bytes = (size_t)(at - text);
		buf_add(&found, &hole, sizeof(hole));
		at += hole.len_bytes;
	}
	return take_holes(&found, arena, holes_out);
}
