/* signed.h - requests that carry a signature in place of a token: routes with API_SIGNED (api.h), POST /events/{name}.
 *
 *	POST /api/v1/events/order.late?source=7351204
 *	webhook-id: msg_27UH4WbU6Z5A5EzD8u03UvzRbpk
 *	webhook-timestamp: 1795660800
 *	webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
 *
 * The gate (auth.h) hands over here when there is a signature and no bearer token. The source is looked up and the
 * signature checked on a reader; then the request goes on as the source's, which holds the scope enroll and nothing else.
 * Wrong ones are counted per source and address, as sign-ins are, and noted at the source.
 *
 * Ref: standardwebhooks.com. Thread: loop.
 */
#ifndef HB_API_SIGNED_H
#define HB_API_SIGNED_H

#include "api/api.h"

/* signed_is - there is a webhook-signature. */
bool signed_is(const struct http_request *req);

/* signed_admit - for the gate: ends in route_run, or 401 bad_signature or stale_timestamp, or 429. */
void signed_admit(struct http_request *req);

/* signed_refused - the source's request is refused for its form: noted at the source. The request may be gone. */
void signed_refused(struct api *api, uint64_t source_id, enum err err,
		    const char *detail);

#endif
