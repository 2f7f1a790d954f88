/* hook_key.h - the instance's key: signs what goes to URLs written out in workflows. Made when it is first needed, kept in
 * meta; when it is rotated the former one signs too for HOOK_ROTATION_HOURS. hooks.h has the commands that show it.
 */
#ifndef HB_CORE_HOOK_KEY_H
#define HB_CORE_HOOK_KEY_H

#include "store/hook_rows.h"
#include "store/store.h"

/* hook_key_make - makes it when there is none. */
enum err hook_key_make(struct txn *txn) MUST_CHECK;

/* hook_key_load - secret, former_secret and former_until of the key into the hook. ERR_NOT_FOUND: never made. */
enum err hook_key_load(struct db *db, struct arena *arena,
		       struct hook *hook) MUST_CHECK;

#endif
