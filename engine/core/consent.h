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
 * removes the enrollments that stood at them.
 *
 * Thread: writer.
 */
#ifndef HB_CORE_CONSENT_H
#define HB_CORE_CONSENT_H

#include "model/actor.h"
#include "store/store.h"

enum { CONSENT_REASON_CHARS = 500, CONSENT_EVIDENCE_CHARS = 4000 };

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

#endif
