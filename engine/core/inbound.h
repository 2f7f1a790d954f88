/* inbound.h - what other commands need of texts that come in. */
#ifndef HB_CORE_INBOUND_H
#define HB_CORE_INBOUND_H

#include "model/records.h"
#include "store/store.h"

#define INBOUND_REPLIED \
	"replied" /* attention of a task whose contact has written since; gone once that is read */

/* inbound_meant_nothing - an unclear text turned out to be an ordinary one: what an ordinary text sets off follows now. */
enum err inbound_meant_nothing(struct txn *txn,
			       const struct message *message) MUST_CHECK;

#endif
