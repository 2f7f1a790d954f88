/* confirmation.h - the one text that may go to a number that has opted out: a person confirms the opt-out, once.
 *
 * handbox answers nobody by itself. With stop-confirmation in handbox.conf a STOP makes a task with that text, locked; this
 * says whether it may still go. Everything must hold: the task was made for the opt-out that is in force at the number now
 * (so neither another number nor a later opt-out passes, and nothing after a START), the telephone itself asked for it, the
 * text is the one that was made, none has been handed to the gateway for it before, and it is within the time.
 *
 * The time: the confirmation must come within five minutes of the opt-out. A gateway counts validity in whole minutes, so
 * the last of them is the gateway's: CONFIRMATION_GO_MS after the opt-out nothing is handed over any more.
 * Ref: 47 CFR 64.1200(a)(12) (one-time text, within five minutes, nothing but the confirmation)
 *
 * Pure.
 */
#ifndef HB_MODEL_CONFIRMATION_H
#define HB_MODEL_CONFIRMATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define CONFIRMATION_MS    (5 * MINUTE_MS) /* the task expires */
#define CONFIRMATION_GO_MS (4 * MINUTE_MS) /* its text may be handed over */

struct confirmation {
	/* the opt-out that the task confirms; 0: it confirms none, and nothing may go */
	uint64_t task_consent_id;
	/* the last change of consent at the number that it would go to; 0: none */
	uint64_t consent_id;
	bool is_opted_out; /* by that change, and so is the number */
	bool is_own;       /* a text of theirs said so */
	int64_t opted_out_at, now;
	bool text_is_untouched;
	bool was_handed_over; /* a text of the task was, whatever became of it */
};

bool confirmation_may_go(const struct confirmation *c);

#endif
