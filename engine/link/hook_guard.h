/* hook_guard.h - which addresses may be called for another system: public ones, and hosts that the configuration allows
 * by name. Pure.
 *
 * The check is made on the address that is being connected to, not on the name: a name that leads to 127.0.0.1, to a
 * private network or to a cloud's metadata service must not turn handbox into a way in. Refused are the ranges that the
 * registries of special-purpose addresses list as not globally reachable, multicast, and IPv6 forms that carry such an
 * IPv4 address (mapped, compatible, NAT64, 6to4).
 *
 * Ref: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890)
 */
#ifndef HB_LINK_HOOK_GUARD_H
#define HB_LINK_HOOK_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

struct hook_host;

/* hook_address_is_public - false too for families other than IPv4 and IPv6. */
bool hook_address_is_public(const struct sockaddr *address);

/* hook_host_is_allowed - allow: NULL-terminated "host" or "host:port", "[::1]:8080"; NULL: none. */
bool hook_host_is_allowed(const char *const *allow, const struct hook_host *host);

/* hook_allow_is_valid - is that an entry of such a list? */
bool hook_allow_is_valid(const char *entry);

#endif
