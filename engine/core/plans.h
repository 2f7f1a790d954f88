/* plans.h - the parsed plans of workflow versions, kept so that each is parsed once.
 *
 *	struct plan *plan;
 *	err = plans_get(core, db, enrollment->workflow_id, enrollment->version, &plan);
 *	…
 *	plan_unref(&plan);
 *
 * A version never changes, so what is kept stays right; the one used longest ago goes when PLANS_MOST are there
 * (whoever still holds it keeps it alive).
 *
 * Thread: the writer and all readers. Lock order: the lock of struct plans is innermost: nothing is called while it is
 * held, no row is read and nothing is parsed. Two threads may parse the same version at once; the second one's is
 * dropped.
 */
#ifndef HB_CORE_PLANS_H
#define HB_CORE_PLANS_H

#include "core/core.h"
#include "store/store.h"
#include "workflow/plan.h"

enum { PLANS_MOST = 256 };

struct plans *plans_new(void);
void plans_free(struct plans **plans); /* NULL is fine; leaves NULL */

/* plans_get - *plan_out has a reference of the caller's: plan_unref(). ERR_NOT_FOUND: no such version. ERR_CORRUPT:
 * what is stored is no workflow (any more); logged. */
enum err plans_get(struct core *core, struct db *db, const char *workflow_id,
		   uint32_t version, struct plan **plan_out) MUST_CHECK;

/* plans_forget - by whoever inserts that version: one of the same number may be kept from a transaction whose commit
 * failed. Versions that stand in the database never need it. */
void plans_forget(struct core *core, const char *workflow_id, uint32_t version);

#endif
