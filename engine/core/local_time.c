/* local_time.c - see local_time.h */
#include "core/local_time.h"

#include <string.h>

#include "core/contact_time.h"
#include "core/core.h"
#include "core/limits.h"
#include "model/date_value.h"
#include "model/duration.h"
#include "store/contact_rows.h"

#define CUSTOM "contact.custom."

/* --- spans --- */

int64_t local_after(const struct walk *walk, const struct plan_span *span)
{
	int64_t now = txn_now(walk->txn);
	struct hours_place place;
	const struct policy *policy = core_policy(txn_context(walk->txn));
	if (!span->ms || !span->is_working)
		return span->ms ? now + span->ms : 0;
	contact_hours_place(policy, walk->contact, &place);
	return hours_add_working(limits_hours(policy, walk->plan), &place, now,
				 span->ms);
}

static enum err end_of_span(const struct walk *walk, const struct step_wait *wait,
			    struct local_wait *out)
{
	char text[DURATION_TEXT_LEN];
	out->rule = arena_printf(walk->arena, "for %s%s",
				 duration_format(wait->span.ms, text),
				 wait->span.is_working ? " working" : "");
	out->until = local_after(walk, &wait->span);
	return ERR_OK;
}

/* --- a time on the wall --- */

static enum err end_at_wall(const struct walk *walk, const struct step_wait *wait,
			    struct local_wait *out)
{
	const struct wall *wall = &wait->wall;
	const struct zone *zone = contact_zone(walk->contact);
	out->rule = arena_printf(walk->arena, "until %04d-%02d-%02dT%02d:%02d in %s",
				 wall->year, wall->month, wall->day, wall->hour,
				 wall->minute, zone_name(zone));
	out->until = zone_instant(zone, wall, NULL);
	return ERR_OK;
}

/* --- a field --- */

static enum err value_of(const struct walk *walk, const char *field,
			 const char **value_out)
{
	struct contact_field *fields;
	size_t count = 0;
	char text[CLOCK_TEXT_LEN];
	*value_out = NULL;
	if (strcmp(field, "contact.created_at") == 0) {
		*value_out = arena_strdup(
			walk->arena, clock_format(walk->contact->created_at, text));
		return ERR_OK;
	}
	if (strncmp(field, CUSTOM, strlen(CUSTOM)) != 0)
		return ERR_OK;
	enum err err = contact_rows_fields(txn_db(walk->txn), walk->arena,
					   walk->contact->id, &fields, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		if (strcmp(fields[i].name, field + strlen(CUSTOM)) == 0)
			*value_out = fields[i].value;
	return err;
}

/* A date is its day's first instant where the contact is, and is shifted by days of the calendar. */
static bool instant_of(const struct walk *walk, const char *value, int64_t offset_ms,
		       int64_t *instant_out)
{
	struct wall wall;
	if (date_value_day(value, &wall)) {
		wall.day += (int)(offset_ms / DAY_MS);
		*instant_out = zone_instant(contact_zone(walk->contact), &wall, NULL) +
			       offset_ms % DAY_MS;
		return true;
	}
	if (clock_parse(value, instant_out) != ERR_OK)
		return false;
	*instant_out += offset_ms;
	return true;
}

static const char *trimmed(struct arena *arena, const char *text)
{
	static const char blanks[] = " \t\r\n";
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len && strchr(blanks, text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

static enum err end_at_field(const struct walk *walk, const struct step_wait *wait,
			     struct local_wait *out)
{
	char text[DURATION_TEXT_LEN];
	int64_t offset_ms = wait->offset_ms;
	out->rule = offset_ms ? arena_printf(walk->arena, "until %s %c%s", wait->field,
					     offset_ms < 0 ? '-' : '+',
					     duration_format(offset_ms < 0 ? -offset_ms
									   : offset_ms,
							     text))
			      : arena_printf(walk->arena, "until %s", wait->field);
	out->has_value = true;
	enum err err = value_of(walk, wait->field, &out->value);
	if (err != ERR_OK)
		return err;
	const char *value = out->value ? trimmed(walk->arena, out->value) : "";
	if (!*value)
		out->reason = "empty";
	else if (!instant_of(walk, value, offset_ms, &out->until))
		out->reason = "no_time";
	return ERR_OK;
}

/* --- the hours --- */

static enum err end_at_opening(const struct walk *walk, const struct step_wait *wait,
			       struct local_wait *out)
{
	struct hours_place place;
	const struct policy *policy = core_policy(txn_context(walk->txn));
	(void)wait;
	contact_hours_place(policy, walk->contact, &place);
	out->rule = "until-hours";
	out->until = hours_next_open(limits_hours(policy, walk->plan), &place,
				     txn_now(walk->txn));
	return ERR_OK;
}

enum err local_wait_end(const struct walk *walk, const struct step_wait *wait,
			struct local_wait *out)
{
	static enum err (*const ends[])(const struct walk *, const struct step_wait *,
					struct local_wait *) = {
		[WAIT_FOR] = end_of_span,
		[WAIT_UNTIL] = end_at_wall,
		[WAIT_UNTIL_FIELD] = end_at_field,
		[WAIT_UNTIL_HOURS] = end_at_opening,
	};
	_Static_assert(sizeof(ends) / sizeof(ends[0]) == WAIT_KIND_COUNT,
		       "an end per kind");
	*out = (struct local_wait){.until = 0};
	return ends[wait->kind](walk, wait, out);
}
