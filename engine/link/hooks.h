/* hooks.h - tells other systems: from the deliveries that are due to HTTP and back.
 *
 *	idle ──wake──► reading what is due ──► posting ──answers──► settling ──committed──► reading …
 *
 * It keeps nothing that a restart would miss: what was posted and not settled is due again, with the same webhook-id.
 * Texts are never kept waiting: libcurl and its memory come with the first delivery, work on the same loop without
 * blocking it (names are resolved in threads), and outcomes are patient writes.
 *
 * At most HOOK_POSTS_MOST posts are under way, four to one hook. A hook that fails gets one at a time, after a pause
 * that grows to a minute, until it takes one: what waits for it does not stand in the way of the others.
 *
 *	hooks = hooks_new(&config);
 *	hooks_wake(hooks);		SIGNAL_HOOKS
 *	hooks_stop(hooks);		nothing new; hooks_is_idle() once the last answers are settled
 *
 * Thread: loop.
 */
#ifndef HB_LINK_HOOKS_H
#define HB_LINK_HOOKS_H

#include <stdbool.h>

#include "store/store.h"

struct hooks;
struct event_base;

struct hooks_config {
	struct event_base *base;
	struct store *store;
	const char *const *allow; /* hook-allow, see hook_guard.h; borrowed */
};

struct hooks *hooks_new(const struct hooks_config *config);
void hooks_wake(struct hooks *hooks);

/* hooks_set_allow - after a reload; connections that were kept are not used again. */
void hooks_set_allow(struct hooks *hooks, const char *const *allow);

void hooks_stop(struct hooks *hooks);
bool hooks_is_idle(const struct hooks *hooks);

/* hooks_free - after the store is closed. Posts still under way are dropped; they are due again at the next start. */
void hooks_free(struct hooks **hooks);

#endif
