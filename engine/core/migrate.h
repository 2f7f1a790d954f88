/* migrate.h - enrollments that run on one version of a workflow go on in another.
 *
 *	struct workflow_migrate *cmd = API_CALL(req, struct workflow_migrate);
 *	err = store_read(store, workflow_migrate_look, looked, cmd);	a dry run has its answer; what cannot be done is refused
 *	err = store_write(store, workflow_migrate_start, started, cmd);	200 or 202 with the job (jobs.h)
 *
 * Publishing moves nobody; this does, when somebody asks for it. Where each enrollment goes is decided by
 * workflow/migration.h from the two versions and a map, for all steps at which one may stand: so it is refused whole, before
 * the first row, or carried through to the last one, in steps and across restarts; no step of the job can be refused.
 *
 * What is moved, in one transaction for each enrollment:
 *   - it stands at the step that its own has become, since when it stood there before, until the same instant. (A
 *     wait-for-reply that had no timeout and now has one gets it from now on.) Where the map says nothing, it ends as removed,
 *     "migrated", and its open tasks are cancelled;
 *   - held with its workflow: behind that step, by the way out that it had taken;
 *   - visits of a mapped step count for the new one as well, so that a task stays the only one of its visit; go-to counters
 *     and what a reply was caught by stay as they are;
 *   - its open tasks, and those whose end is still to move it (an approved text on its way, a skip that may be undone):
 *     they are of the new version and step. Nobody else gets them, and their text stays the one they were made with, unless
 *     the command says `refresh`: then one that nobody has opened or drafted is rendered anew from the new version. A card
 *     that is open is shown again before its text goes: its receipt does not fit any more (workflow_version);
 *   - the newest task of a mapped manual-sms, also one that was sent long ago: a wait-for-reply looks for the reply to it.
 *     Older ones stay what they were;
 *   - settings are the new version's from then on: sender, hours, and stop-on-reply, which also counts a reply that came
 *     before, at the enrollment's next move;
 *   - the journal says "migrated", the ledger who asked.
 *
 * At most MIGRATE_TASKS_MOST tasks of one enrollment: of a loop with wait="no" that made more, the newest stay on the old
 * version, and can be sent there. Test runs stay on theirs.
 *
 * While the job runs everything goes on. Each command is whole within the writer, so an enrollment is on the old version
 * with all that belongs to it, or on the new one: a wait that ends, a text that is sent, its outcome, a reply each find one
 * or the other, and the enrollment goes on from there. One that comes to a step of the old version meanwhile is moved from
 * there. Those that begin on the old version after the count, because it is the published one, stay.
 *
 * Commands are store_write_fn, queries store_read_fn (call.h).
 */
#ifndef HB_CORE_MIGRATE_H
#define HB_CORE_MIGRATE_H

#include "core/jobs.h"
#include "workflow/migration.h"

#define MIGRATE_ENDS "migrated" /* the reason of those that end */

enum { MIGRATE_REASON_CHARS = 500, MIGRATE_MAPS_MOST = 500, MIGRATE_TASKS_MOST = 50 };

/* workflow_migrate_look - dry run: {count, sample: [{enrollment, contact, state, step}], steps: [{step, enrollments, to, kind}],
 * tasks, unmapped: [{step, code, message}]}. Otherwise ERR_INVALID with `unmapped` when the map does not do. */
struct workflow_migrate {
	struct call call;
	struct bulk bulk;
	uint32_t from, to;
	const struct step_mapping *maps;
	size_t map_count;
	bool refreshes;
	const char *reason; /* NULL: none */
};
enum err workflow_migrate_look(struct snapshot *snap, void *arg);
enum err workflow_migrate_start(struct txn *txn, void *arg);

#endif
