/* api_once.h - the Idempotency-Key of a request that does not go through api_write(): it parses on the pool first, or
 * takes several commands.
 *
 *	store_write_fn *write = workflow_save;
 *	if (!api_once(req, &cmd->call, &write))
 *		return;					answered: 400, the key is none
 *	err = store_write(store, write, done, cmd);
 *
 * Thread: loop.
 */
#ifndef HB_API_API_ONCE_H
#define HB_API_API_ONCE_H

#include "api/api.h"

/* api_once - with the header, or a key that is set in call already, *write becomes call_idempotent around what it was; without it nothing changes. false: the
 * request has been answered with 400 and is gone. */
bool api_once(struct http_request *req, struct call *call,
	      store_write_fn **write) MUST_CHECK;

#endif
