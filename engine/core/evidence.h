/* evidence.h - what was written down, for whoever has to answer for it: the ledger, who did what, and one number's whole
 * history with the times as the recipient's clock showed them. For admins and auditors.
 *
 * Queries are store_read_fn (call.h); each answers {"items": […], "next": cursor}.
 */
#ifndef HB_CORE_EVIDENCE_H
#define HB_CORE_EVIDENCE_H

#include "core/call.h"

enum { LEDGER_SCAN_MOST = 5000 };

/* ledger_list - entries, newest first. With is_audit as what people did, without the links of the chain. */
struct ledger_list {
	struct call call;
	const char *subject, *actor, *act; /* NULL: any */
	int64_t from, until;               /* UTC ms, until not included; 0: open */
	const char *cursor;
	size_t limit;
	bool is_audit;
};
enum err ledger_list(struct snapshot *snap, void *arg) MUST_CHECK;

/* evidence_get - oldest first: each change of consent, each text in and out with its reports, each card that was shown;
 * a sent text with its entry in the ledger: guards, digests and the salt that proves them. Beside the items: number,
 * opted_out, holds, head (of the ledger). ERR_INVALID: phone can be no number. */
struct evidence_get {
	struct call call;
	const char *phone; /* as it is typed */
	int64_t from, until;
	const char *cursor;
	size_t limit;
};
enum err evidence_get(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
