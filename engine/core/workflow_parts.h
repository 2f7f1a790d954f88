/* workflow_parts.h - what the commands on workflows share; for core/workflow_*.c only. */
#ifndef HB_CORE_WORKFLOW_PARTS_H
#define HB_CORE_WORKFLOW_PARTS_H

#include "core/workflows.h"
#include "model/records.h"

/* workflow_find - ERR_NOT_FOUND, with a sentence in the call. */
enum err workflow_find(struct db *db, struct call *call, const char *id,
		       struct workflow *out) MUST_CHECK;

/* workflow_check_names - adds to the report what the database knows of the plan's users, teams, hooks and snippets. */
enum err workflow_check_names(struct db *db, const struct plan *plan,
			      struct workflow_report *report) MUST_CHECK;

/* workflow_put - makes the plan the draft of *workflow, which was loaded, or is zeroed for a new one; source and
 * file_path are taken from it. *changed_out false: it is the draft already, and nothing was written. */
enum err workflow_put(struct txn *txn, const struct actor *actor,
		      const struct plan *plan, struct workflow *workflow,
		      bool *changed_out) MUST_CHECK;

/* workflow_make_public - that version enrolls from now on; holds for being unpublished go. Names were checked. */
enum err workflow_make_public(struct txn *txn, const struct actor *actor,
			      struct workflow *workflow, uint32_t version,
			      const char *note) MUST_CHECK;

/* workflow_answer - as the call's answer. report NULL: the draft is checked for warnings now. */
enum err workflow_answer(struct db *db, struct core *core, struct call *call,
			 const struct workflow *workflow,
			 struct workflow_report *report) MUST_CHECK;

/* workflow_note - an act on it, in the ledger: "publish" of version 3. */
enum err workflow_note(struct txn *txn, const struct actor *actor, const char *act,
		       const struct workflow *workflow, uint32_t version) MUST_CHECK;

#endif
