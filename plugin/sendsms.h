/* sendsms.h - the gateway that is Kannel's smsbox, over its sendsms interface.
 *
 * One HTTP request for a text, several connections, kept alive, one request on each at a time (smsbox does not
 * pipeline). What decides between NOT_TAKEN and UNCERTAIN is whether the request may have left:
 *
 *	libcurl never asked CURLOPT_PREREQFUNCTION	nothing left: NOT_TAKEN whatever the error
 *	it asked once					it may have left; no complete answer: UNCERTAIN
 *	it asks again in the same transfer		libcurl found the connection dead and would silently send it
 *							again: aborted, UNCERTAIN
 *
 * What Kannel answered and what it means, as tried on 1.4.5:
 *
 *	202 "0: …", "Sent."		ACCEPTED
 *	202 "3: …"			QUEUED
 *	400				REFUSED
 *	403 "Not routable…"		REFUSED
 *	403 "Authorization failed…"	NOT_TAKEN, and so 401, 404, 3xx: the set-up is wrong, nothing is refused for it
 *	503 with Kannel's text		NOT_TAKEN
 *	anything else			UNCERTAIN
 *
 * NOT_TAKEN and UNCERTAIN open the circuit: the texts not started yet come back NOT_TAKEN, and one at a time goes
 * out, 1 s after, then 2, 4, 8, 10, until one of the first four rows comes. So a suspended Kannel makes as many
 * texts uncertain as were under way, and then one each time-out.
 *
 * The rate is kept by spacing: starts lie 1/rate apart and a fortieth more, so that what jitter on the way shifts
 * together is still not above it.
 *
 * Ref: gw/smsbox.c:smsbox_req_handle, delayed_http_reply
 */
#ifndef HB_PLUGIN_SENDSMS_H
#define HB_PLUGIN_SENDSMS_H

#include "plugin/gateway.h"

struct event_base;

/* sendsms_new - base is borrowed and outlives it. ready (may be NULL) is called on the loop as gateway_capacity
 * says. ERR_INVALID: *why_out (mem_free) says what of the config is not acceptable: the URL (http or https, no
 * password inside), an empty username, a callback_url that smsbox would refuse. */
enum err sendsms_new(const struct gateway_config *config, struct event_base *base,
		     void (*ready)(void *arg), void *arg, struct gateway **gw_out,
		     char **why_out) MUST_CHECK;

#endif
