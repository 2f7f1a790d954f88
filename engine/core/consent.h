/* consent.h - may this number be texted: the one place where that changes.
 *
 *	struct consent_change change = {.e164 = message.number,
 *					.contact_id = message.contact_id,
 *					.message_id = message.id,
 *					.opts_out = true,
 *					.reason = "replied STOP"};
 *	err = consent_change(txn, actor, &change, &changed);
 *
 * Consent belongs to the number, so it holds for every contact that has it. Each change
 * is kept for good (who, when, why, on what evidence), is in the ledger (acts opt_out
 * and opt_in), and raises the number's consent_revision, which makes every receipt for
 * it stale. Opting out cancels the open tasks of all contacts with that number, and
 * removes the enrollments that stood at them: the first CONSENT_TASKS_MOST in the same
 * write, the rest by consent_sweep().
 *
 * A text that may ask to be left alone, or not (model/consent_words.h), holds its number
 * instead: nothing goes there until a person has said what it means, or the telephone
 * says it more clearly.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_CONSENT_H
#define HB_CORE_CONSENT_H

#include "model/actor.h"
#include "model/records.h"
#include "store/store.h"

enum {
	CONSENT_REASON_CHARS = 500,
	CONSENT_EVIDENCE_CHARS = 4000,
	CONSENT_TASKS_MOST = 50
};

struct consent_change {
	const char *e164;
	bool opts_out;
	const char *reason;   /* never NULL */
	const char *evidence; /* NULL: none */
	uint64_t contact_id;  /* through whom it was learned, 0: nobody in particular */
	uint64_t message_id;  /* the text that said so, 0: none */
};

/* consent_change - *changed_out false: it was so already, and nothing was written. */
enum err consent_change(struct txn *txn, const struct actor *actor,
			const struct consent_change *change,
			bool *changed_out) MUST_CHECK;

/* consent_is_own - the number is opted out by a text of its own, so that another text may
 * take it back. */
enum err consent_is_own(struct txn *txn, const char *e164, bool *is_own_out) MUST_CHECK;

/* consent_hold - the text is unclear: its number waits for a verdict. In the ledger. */
enum err consent_hold(struct txn *txn, const struct message *message) MUST_CHECK;

/* consent_settle - the verdict on the number's unclear texts up to that one; without one
 * left the hold ends. */
enum err consent_settle(struct txn *txn, const char *e164, uint64_t up_to_id,
			enum consent_verdict verdict) MUST_CHECK;

/* consent_sweep - one step of what an opt-out left over; run it until is_done. A
 * store_write_fn, for the scheduler. */
struct consent_sweep {
	bool is_done;
};
enum err consent_sweep(struct txn *txn, void *arg) MUST_CHECK;

#endif
