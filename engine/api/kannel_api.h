/* kannel_api.h - where smsbox calls us: reports and inbound texts; and what Prometheus and people ask of the gateway.
 *
 * A callback is answered 200 with an empty body only after its commit: until then smsbox must keep it. The door is
 * narrow: an address list, a secret in the path, and no forwarded requests but from a trusted proxy.
 */
#ifndef HB_API_KANNEL_API_H
#define HB_API_KANNEL_API_H

#include "api/api.h"

struct kannel_door {
	const char *const
		*allow_ips; /* NULL-terminated: "127.0.0.1", "10.1.0.0/16", "::1" */
	/* whose X-Forwarded-For is believed; NULL: nobody's */
	const char *trusted_proxy;
};

/* kannel_door_allows - pure. */
bool kannel_door_allows(const struct kannel_door *door, const char *remote);

/* kannel_rule_is_valid - an address, or a network: what allow_ips is made of. Pure. */
bool kannel_rule_is_valid(const char *rule);

/* What the routes below get as their context. */
struct kannel_port {
	struct api *api;
	struct kannel_door door;
	uint64_t reports, reports_unknown, reports_repeated, inbound, inbound_repeated,
		refused;
};

extern const struct route_table
	kannel_routes; /* for the kannel door; ctx is a struct kannel_port */
extern const struct route_table kannel_status_routes; /* /api/v1/kannel/status */

#endif
