/* look.h - is anybody at an address? Connects and hangs up, without a request.
 *
 * Thread: loop.
 */
#ifndef HB_PLUGIN_LOOK_H
#define HB_PLUGIN_LOOK_H

#include <stdbool.h>

#include "plugin/curl_loop.h"

struct look {
	CURL *easy; /* NULL: none is under way */
	void (*looked)(void *arg, bool is_there);
	void *arg;
};

/* look_start - looked runs once, later, within 2 s; look->looked and look->arg are set. One look at a time. */
void look_start(struct look *look, struct curl_loop *loop, const char *url);

/* look_drop - looked will not run. Also when none is under way. */
void look_drop(struct look *look, struct curl_loop *loop);

#endif
