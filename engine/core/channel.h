/* channel.h - the one switch that stops everything: off = from the next transaction on nothing is approved or handed
 * over; reports, inbound and reading go on. */
#ifndef HB_CORE_CHANNEL_H
#define HB_CORE_CHANNEL_H

#include "core/call.h"

struct channel {
	bool is_enabled;
	const char *reason, *by; /* of the last change; NULL: never touched */
	int64_t at;
};

enum err channel_load(struct db *db, struct arena *arena,
		      struct channel *channel_out) MUST_CHECK;

/* channel_set - by a lead, an admin, the shell, or a token with `admin`; in the ledger. A store_write_fn. */
struct channel_set {
	struct call call;
	bool enable;
	const char *reason;
};
enum err channel_set(struct txn *txn, void *arg) MUST_CHECK;

/* channel_get - {sms_enabled, reason, by, at, waiting, handing_over}. A store_read_fn; arg: struct call. */
enum err channel_get(struct snapshot *snap, void *arg) MUST_CHECK;

/* channel_is_stopped - nothing may leave: the switch is off, or this is a copy put back from a backup, and no person has
 * said yet that it is the one that counts. */
enum err channel_is_stopped(struct txn *txn, bool *stopped_out) MUST_CHECK;

#endif
