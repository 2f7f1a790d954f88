/* guards.c - see guards.h. One small function a guard; the table runs them all. */
#include "model/guards.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "model/duration.h"
#include "model/hold_reason.h"

static const char *const guard_names[] = {
#define G(guard, name) [guard] = name,
	GUARD_LIST(G)
#undef G
};

const char *guard_name(enum guard guard)
{
	return guard_names[guard];
}

enum { UNREACHED_BYTES = 120 }; /* of what was reported */

static void say(char *to, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(char *to, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(to, sizeof(((struct guard_result *)0)->detail), fmt, args);
	va_end(args);
}

static void refuse(struct guard_result *result, const char *detail, const char *fix)
{
	result->ok = false;
	say(result->detail, "%s", detail);
	say(result->fix, "%s", fix);
}

static void check_pending(const struct guard_facts *facts, struct guard_result *result)
{
	/* what holds it is the hold guard's to say */
	if (facts->task_state == TASK_PENDING || facts->task_state == TASK_HELD) {
		result->warns = facts->refused_before != NULL;
		if (result->warns)
			say(result->detail, "Its earlier text was refused: %s",
			    facts->refused_before);
		return;
	}
	refuse(result, "", "Open the next task; this one is not waiting for anybody.");
	say(result->detail, "The task is %s.", task_state_name(facts->task_state));
}

static void check_lease(const struct guard_facts *facts, struct guard_result *result)
{
	char until[CLOCK_TEXT_LEN];
	if (facts->lease == LEASE_NONE)
		refuse(result, "The task is not open for you.", "Open it again.");
	if (facts->lease != LEASE_OTHERS)
		return;
	refuse(result, "Somebody else is working on this task.",
	       "Wait until they are done, or ask a lead to take over.");
	if (facts->lease_holder)
		say(result->detail, "%.64s has this task open until %s, or longer.",
		    facts->lease_holder, clock_format(facts->lease_until, until));
}

static void check_assignee(const struct guard_facts *facts, struct guard_result *result)
{
	if (facts->may_act)
		return;
	refuse(result, "The task belongs to somebody else.",
	       "Ask a lead to reassign it.");
	if (facts->assignee)
		say(result->detail, "The task belongs to %.64s.", facts->assignee);
}

/* A report may be wrong, and a handset be mended: a person decides. */
static void warn_of_unreached(const struct guard_facts *facts,
			      struct guard_result *result)
{
	char when[CLOCK_TEXT_LEN];
	const char *detail = facts->unreached_detail ? facts->unreached_detail : "";
	result->warns = true;
	say(result->detail, "The last text to this number did not arrive (%s%s%.*s).",
	    clock_format(facts->unreached_at, when), *detail ? ": " : "",
	    (int)utf8_cut(detail, UNREACHED_BYTES), detail);
	say(result->fix, "Ask for another number, or send it all the same.");
}

static void check_phone(const struct guard_facts *facts, struct guard_result *result)
{
	const char *why = facts->phone_reason ? facts->phone_reason
					      : "The number cannot be reached by SMS.";
	if (!facts->has_number || facts->phone_verdict == PHONE_KEPT_INVALID)
		refuse(result,
		       facts->has_number || facts->phone_reason
			       ? why
			       : "The contact has no phone number.",
		       "Correct the number of the contact.");
	else if (facts->phone_verdict == PHONE_KEPT_POSSIBLE &&
		 facts->needs_valid_phone)
		refuse(result, why,
		       "Correct the number, or add its range to the number plan.");
	else if (facts->phone_verdict == PHONE_KEPT_POSSIBLE)
		result->warns = true, say(result->detail, "%s", why);
	else if (facts->phone_type && strcmp(facts->phone_type, "fixed_line") == 0)
		result->warns = true,
		say(result->detail, "This is a fixed line; it may not take texts.");
	if (result->ok && facts->unreached_at)
		warn_of_unreached(facts, result);
}

static void check_sms_enabled(const struct guard_facts *facts,
			      struct guard_result *result)
{
	if (!facts->contact_sms_enabled)
		refuse(result, "SMS is switched off for this contact.",
		       "Switch SMS on for the contact.");
}

static void check_channel(const struct guard_facts *facts, struct guard_result *result)
{
	if (facts->channel_enabled)
		return;
	refuse(result, "", "A lead can switch the channel on again.");
	say(result->detail, "The SMS channel is switched off (%s).",
	    facts->channel_reason ? facts->channel_reason : "no reason given");
}

/* The one text that may go to a number that has opted out. */
static void check_confirmation(const struct guard_facts *facts,
			       struct guard_result *result)
{
	if (!facts->may_confirm) {
		refuse(result,
		       "The opt-out that this text confirms is not in force any more, "
		       "is "
		       "too long ago, or was confirmed already.",
		       "Skip the task.");
		return;
	}
	result->warns = true;
	say(result->detail, "The number opted out; this text confirms that, once.");
}

static void check_opted_out(const struct guard_facts *facts,
			    struct guard_result *result)
{
	char when[CLOCK_TEXT_LEN];
	if (facts->is_confirmation) {
		check_confirmation(facts, result);
		return;
	}
	if (!facts->is_opted_out)
		return;
	refuse(result, "", "Only the person behind the number can take that back.");
	if (facts->opted_out_at)
		say(result->detail, "The number opted out on %.10s.",
		    clock_format(facts->opted_out_at, when));
	else
		say(result->detail, "The number opted out.");
}

/* --- when and how often --- */

/* "Tue 5 Jan 09:00", on the recipient's wall, or in UTC when its zone is not known */
enum { MOMENT_LEN = 40 };
static const char *moment(const struct hours_place *place, int64_t at,
			  char text[MOMENT_LEN])
{
	static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu",
					"Fri", "Sat", "Sun"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const struct zone *zone = place->count == 1 ? place->zones[0] : zone_utc();
	const struct wall wall = zone_wall(zone, at);
	snprintf(text, MOMENT_LEN, "%s %d %s %02d:%02d", days[wall.weekday % 7],
		 wall.day, months[(wall.month - 1) % 12], wall.hour, wall.minute);
	return text;
}

static const char *place_name(const struct hours_place *place)
{
	return place->count == 1 ? zone_name(place->zones[0]) : "UTC";
}

static void refuse_never_open(const struct guard_facts *facts,
			      struct guard_result *result)
{
	if (facts->place->count > 1) {
		refuse(result, "", "Set the contact's time zone.");
		say(result->detail,
		    "The recipient's zone is not known, and the sending hours never "
		    "meet in all %zu that are possible.",
		    facts->place->count);
	} else {
		refuse(result, "The sending hours do not open again.",
		       "Ask whoever keeps the workflow to look at its hours.");
	}
}

static void refuse_closed(const struct guard_facts *facts, int64_t opens_at,
			  struct guard_result *result)
{
	const struct hours_place *place = facts->place;
	char now[MOMENT_LEN], then[MOMENT_LEN];
	moment(place, facts->now, now);
	moment(place, opens_at, then);
	result->passes_at = opens_at;
	if (place->count > 1) {
		refuse(result, "",
		       "Snooze it until the hours open, or set the contact's time "
		       "zone.");
		say(result->detail,
		    "The recipient's zone is not known; in all %zu possible ones the "
		    "sending hours are open from %s UTC.",
		    place->count, then);
	} else {
		refuse(result, "",
		       "Snooze the task until they open, or come back then.");
		say(result->detail,
		    "It is %s in %s; the sending hours open on %s there.", now,
		    place_name(place), then);
	}
}

/* The law's hours are nobody's to change: say which they are. */
static void name_law(const struct guard_facts *facts, struct guard_result *result)
{
	const struct hours_place *place = facts->place;
	size_t len = strlen(result->detail);
	if (place->law && !hours_are_open(NULL, place, facts->now))
		snprintf(result->detail + len, sizeof(result->detail) - len,
			 " The law's hours there (%s) are closed.", place->law_name);
}

static void check_hours(const struct guard_facts *facts, struct guard_result *result)
{
	char now[MOMENT_LEN];
	if (hours_are_open(facts->hours, facts->place, facts->now))
		return;
	if (facts->is_replying) {
		result->warns = true;
		say(result->detail,
		    "Outside the sending hours (it is %s in %s), but they wrote "
		    "just now.",
		    moment(facts->place, facts->now, now), place_name(facts->place));
		return;
	}
	int64_t opens_at = hours_next_open(facts->hours, facts->place, facts->now);
	if (opens_at == INT64_MAX)
		refuse_never_open(facts, result);
	else
		refuse_closed(facts, opens_at, result);
	name_law(facts, result);
}

static void check_cap(const struct guard_facts *facts, struct guard_result *result)
{
	char span[DURATION_TEXT_LEN], then[MOMENT_LEN];
	const struct frequency_cap *cap = &facts->cap;
	if (!cap->most || facts->cap_used + facts->cap_reserved < cap->most)
		return;
	if (facts->is_replying) {
		result->warns = true;
		say(result->detail,
		    "The number had its texts for now, but they wrote just now.");
		return;
	}
	refuse(result, "", "Wait until that text is sent or given back.");
	duration_format(cap->span_ms, span);
	if (facts->cap_used < cap->most) {
		say(result->detail,
		    "Another text to this number is open, and only %u may go in %s "
		    "(%u did).",
		    cap->most, span, facts->cap_used);
		return;
	}
	result->passes_at = facts->cap_frees_at;
	say(result->detail, "%u text%s went to this number in %s, and more may not.",
	    facts->cap_used, facts->cap_used == 1 ? "" : "s", span);
	say(result->fix, "Wait until %s in %s, or until they write.",
	    moment(facts->place, facts->cap_frees_at, then), place_name(facts->place));
}

static void check_hold(const struct guard_facts *facts, struct guard_result *result)
{
	if (!facts->hold_count)
		return;
	const char *reason = facts->hold_reasons[0], *means = hold_reason_means(reason);
	refuse(result, "", hold_reason_fix(reason));
	say(result->detail, "On hold: %s%s%s%s.", reason, *means ? ": " : "", means,
	    facts->hold_count > 1 ? " (and more)" : "");
}

static void check_locked(const struct guard_facts *facts, struct guard_result *result)
{
	if (facts->text_known && facts->text_is_locked && !facts->text_is_offered)
		refuse(result, "The text of this step is locked, and this is another.",
		       "Send it as it is offered, or skip the task; a value that is "
		       "missing is filled in at the contact.");
}

/* Where a hole is mended when nobody may type: what is not the contact's nobody at the card can fill in. */
static void fix_locked_hole(const struct guard_facts *facts, char *fix)
{
	const char *field = facts->first_hole ? facts->first_hole : "";
	if (strncmp(field, "contact.", strlen("contact.")) == 0)
		say(fix,
		    "The text is locked: fill in the field itself, %.64s of the "
		    "contact, and open the card again.",
		    field + strlen("contact."));
	else
		say(fix,
		    "The text is locked, and the value is not the contact's: skip the "
		    "task, or ask whoever keeps the workflow.");
}

static void check_holes(const struct guard_facts *facts, struct guard_result *result)
{
	if (!facts->text_known || !facts->hole_count)
		return;
	refuse(result, "", "Fill in every marked place, or delete it.");
	if (facts->text_is_locked)
		fix_locked_hole(facts, result->fix);
	say(result->detail, "%zu value%s missing, the first is %s.", facts->hole_count,
	    facts->hole_count == 1 ? " is" : "s are",
	    facts->first_hole ? facts->first_hole : "unnamed");
}

static void check_forbidden(const struct guard_facts *facts,
			    struct guard_result *result)
{
	if (!facts->text_known || !facts->forbidden)
		return;
	if (facts->forbidden_warns) {
		result->warns = true;
		say(result->detail, "\"%.100s\" is on the list of forbidden words.",
		    facts->forbidden);
		return;
	}
	refuse(result, "", "Say it in other words.");
	say(result->detail, "\"%.100s\" may not be sent.", facts->forbidden);
}

static void check_text(const struct guard_facts *facts, struct guard_result *result)
{
	if (facts->text_known && facts->text_is_blank)
		refuse(result, "The text is empty.",
		       facts->text_is_locked ? "The text is locked: skip the task."
					     : "Write what should be sent.");
}

static void check_segments(const struct guard_facts *facts, struct guard_result *result)
{
	if (!facts->text_known || facts->segments <= facts->max_segments)
		return;
	refuse(result, "", "Make the text shorter.");
	say(result->detail, "The text takes %u segments, at most %u may go.",
	    facts->segments, facts->max_segments);
	if (facts->unicode_char)
		say(result->fix,
		    "Make the text shorter; without \"%s\" a segment holds more than "
		    "twice as much.",
		    facts->unicode_char);
}

static void (*const guard_checks[GUARD_COUNT])(const struct guard_facts *,
					       struct guard_result *) = {
	[GUARD_PENDING] = check_pending,           [GUARD_LEASE] = check_lease,
	[GUARD_ASSIGNEE] = check_assignee,         [GUARD_PHONE_VALID] = check_phone,
	[GUARD_SMS_ENABLED] = check_sms_enabled,   [GUARD_CHANNEL] = check_channel,
	[GUARD_OPTED_OUT] = check_opted_out,       [GUARD_HOURS] = check_hours,
	[GUARD_FREQUENCY_CAP] = check_cap,         [GUARD_HOLD] = check_hold,
	[GUARD_TEXT_LOCKED] = check_locked,        [GUARD_HOLES] = check_holes,
	[GUARD_FORBIDDEN_WORDS] = check_forbidden, [GUARD_TEXT_EMPTY] = check_text,
	[GUARD_SEGMENTS] = check_segments,
};

void guards_check(const struct guard_facts *facts, struct guards *guards_out)
{
	guards_out->all_ok = true;
	guards_out->first_bad = GUARD_COUNT;
	for (unsigned i = 0; i < GUARD_COUNT; i++) {
		struct guard_result *result = &guards_out->result[i];
		result->ok = true;
		result->warns = false;
		result->detail[0] = result->fix[0] = '\0';
		result->passes_at = 0;
		guard_checks[i](facts, result);
		if (!result->ok && guards_out->all_ok) {
			guards_out->all_ok = false;
			guards_out->first_bad = (enum guard)i;
		}
	}
}

enum guard guards_waiting(const struct guard_facts *facts, const char *approved_number,
			  const char *number_now)
{
	if (facts->is_confirmation ? !facts->may_confirm : facts->is_opted_out)
		return GUARD_OPTED_OUT;
	if (!number_now || strcmp(approved_number, number_now) != 0)
		return GUARD_PHONE_VALID;
	if (!facts->contact_sms_enabled)
		return GUARD_SMS_ENABLED;
	if (!facts->is_replying &&
	    !hours_are_open(facts->hours, facts->place, facts->now))
		return GUARD_HOURS;
	if (facts->hold_count)
		return GUARD_HOLD;
	return GUARD_COUNT;
}
