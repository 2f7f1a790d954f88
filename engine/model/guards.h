/* guards.h - may this text go to this number now? All questions asked at once, each with its answer and its fix.
 *
 * The same guards run when a card is opened, while a person types, inside the sending transaction, and (those that can
 * turn bad while a text waits) once more before a byte leaves. Pure: the caller brings the facts.
 *
 *	struct guards guards;
 *	guards_check(&facts, &guards);
 *	if (!guards.all_ok) … 422 guard_refused with the list
 */
#ifndef HB_MODEL_GUARDS_H
#define HB_MODEL_GUARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/hours.h"
#include "model/policy.h"
#include "model/records.h"

/* in the order in which people should mend them; the names are the API's */
#define GUARD_LIST(G)                               \
	G(GUARD_PENDING, "pending")                 \
	G(GUARD_LEASE, "lease")                     \
	G(GUARD_ASSIGNEE, "assignee")               \
	G(GUARD_PHONE_VALID, "phone_valid")         \
	G(GUARD_SMS_ENABLED, "sms_enabled")         \
	G(GUARD_CHANNEL, "channel")                 \
	G(GUARD_OPTED_OUT, "opted_out")             \
	G(GUARD_HOURS, "hours")                     \
	G(GUARD_FREQUENCY_CAP, "frequency_cap")     \
	G(GUARD_HOLD, "hold")                       \
	G(GUARD_TEXT_LOCKED, "text_locked")         \
	G(GUARD_HOLES, "holes")                     \
	G(GUARD_FORBIDDEN_WORDS, "forbidden_words") \
	G(GUARD_TEXT_EMPTY, "text_empty")           \
	G(GUARD_SEGMENTS, "segments")

enum guard {
#define G(guard, name) guard,
	GUARD_LIST(G)
#undef G
		GUARD_COUNT
};

const char *guard_name(enum guard guard);

enum lease_fact { LEASE_MINE, LEASE_NONE, LEASE_OTHERS };

struct guard_facts {
	enum task_state task_state;
	/* why an earlier text of the task did not go; NULL: there was none */
	const char *refused_before;
	enum lease_fact lease;
	const char *lease_holder; /* of LEASE_OTHERS: a login; NULL: not known */
	int64_t lease_until;
	bool may_act; /* the actor may send this task: assignee, unassigned, team, or leads */
	const char *assignee; /* a login; NULL: not known */
	enum phone_verdict_kept phone_verdict;
	bool has_number; /* an E.164 number is there */
	const char *phone_type, *phone_reason;
	int64_t unreached_at; /* the last text to the number did not arrive; 0: it did */
	const char *unreached_detail; /* as reported; NULL or "": nothing more */
	bool contact_sms_enabled;
	bool channel_enabled;
	const char *channel_reason;
	bool is_opted_out;
	int64_t opted_out_at;
	bool is_confirmation; /* the task confirms an opt-out, and does nothing else */
	bool may_confirm;     /* confirmation_may_go() */
	int64_t now;
	const struct hours *hours;       /* NULL: always open */
	const struct hours_place *place; /* of the recipient; not NULL with hours */
	bool is_replying; /* they wrote just now: neither hours nor cap count */
	struct frequency_cap cap;
	unsigned cap_used;     /* texts that went to the number within cap.span_ms */
	unsigned cap_reserved; /* other cards of the number that may still be sent */
	int64_t cap_frees_at;  /* when the next one may go; of cap_used alone */
	const char *const *hold_reasons; /* hold_count of them */
	size_t hold_count;
	bool text_is_locked;  /* nobody may edit it */
	bool text_is_offered; /* it is, to the letter, what is offered */
	size_t hole_count;
	const char *first_hole; /* its field */
	const char *forbidden;  /* the word in it that may not be sent; NULL: none */
	bool forbidden_warns;   /* this person may send it all the same */
	bool text_is_blank;
	bool text_known; /* false before anybody typed: what is about the text passes */
	unsigned segments, max_segments;
	const char *unicode_char; /* the first that forces UCS-2; NULL: none */
	bool needs_valid_phone;
};

struct guard_result {
	bool ok, warns;             /* warns: passes, but the detail wants to be read */
	char detail[240], fix[160]; /* "" when there is nothing to say */
	int64_t passes_at; /* when time alone will have mended it; 0: it will not, or nobody knows */
};

struct guards {
	struct guard_result result[GUARD_COUNT];
	bool all_ok;
	enum guard first_bad; /* GUARD_COUNT when all pass */
};

void guards_check(const struct guard_facts *facts, struct guards *guards_out);

/* guards_waiting - the first guard that turned bad while an approved text waited (opted out, SMS disabled, number
 * changed, hours closed, holds), or GUARD_COUNT. number_now: the contact's number at this moment, NULL when none. */
enum guard guards_waiting(const struct guard_facts *facts, const char *approved_number,
			  const char *number_now);

#endif
