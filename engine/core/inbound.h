/* inbound.h - what other commands need of texts that come in. */
#ifndef HB_CORE_INBOUND_H
#define HB_CORE_INBOUND_H

#include "base/clock.h"
#include "core/messages.h"
#include "model/records.h"
#include "store/store.h"

#define INBOUND_REPLIED \
	"replied" /* attention of a task whose contact has written since; gone once that is read */

/* inbound_meant_nothing - an unclear text turned out to be an ordinary one: what an ordinary text sets off follows now. */
enum err inbound_meant_nothing(struct txn *txn,
			       const struct message *message) MUST_CHECK;

/* inbound_take_whole - what inbound_take does once it has a whole text. */
enum err inbound_take_whole(struct txn *txn, struct inbound_take *cmd) MUST_CHECK;

/* inbound_join - cmd is a part of a longer text, from a number in its final form. With the last of them *is_whole_out is
 * true and cmd->text the whole; before that the part is kept. */
enum err inbound_join(struct txn *txn, struct inbound_take *cmd,
		      bool *is_whole_out) MUST_CHECK;

/* inbound_parts_step - texts whose parts do not all come are taken as far as they are there, INBOUND_PARTS_WAIT_MS after
 * their first part; run it until is_done. A store_write_fn, for the scheduler. */
#define INBOUND_PARTS_WAIT_MS (10 * MINUTE_MS)
struct inbound_parts_step {
	bool is_done;
	int64_t next_at; /* when the next will be given up, 0: none waits */
};
enum err inbound_parts_step(struct txn *txn, void *arg) MUST_CHECK;

#endif
