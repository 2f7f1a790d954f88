/* user_parts.h - what the commands on users share. */
#ifndef HB_CORE_USER_PARTS_H
#define HB_CORE_USER_PARTS_H

#include "core/users.h"

/* user_pick - the user a path names: an id, a login or "me"; inactive ones too. ERR_NOT_FOUND otherwise. */
enum err user_pick(struct db *db, struct call *call, const struct who *who,
		   struct user *user_out) MUST_CHECK;

/* user_check_email - refuses what is not one plain address, or none at all. */
enum err user_check_email(struct call *call, const char *email) MUST_CHECK;

/* user_check_last_admin - refuses to lose the last active admin, unless by the shell, which can make another. */
enum err user_check_last_admin(struct db *db, struct call *call,
			       const struct user *user) MUST_CHECK;

/* user_use_secret - the password or link that came with the command. Ends what stood open before. Saves nothing of the
 * user itself. */
enum err user_use_secret(struct txn *txn, struct call *call, struct user *user,
			 const struct user_secret *secret) MUST_CHECK;

const char *user_subject(struct arena *arena,
			 const struct user *user); /* of ledger entries */

#endif
