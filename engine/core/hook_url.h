/* hook_url.h - where another system may be told: an http or https URL without user and password. Pure.
 *
 * It is taken apart by libcurl, which is also what connects: both see the same host. That the address behind the host is
 * not one of ours is checked when connecting (link/hook_guard.h): names may lead anywhere, and elsewhere tomorrow.
 *
 *	const char *fault = hook_url_fault(url);	a sentence, or NULL
 */
#ifndef HB_CORE_HOOK_URL_H
#define HB_CORE_HOOK_URL_H

#include <stdbool.h>

enum { HOOK_URL_MOST = 1000, HOOK_HOST_LEN = 256 };

/* hook_url_fault - why it cannot be called; NULL: it can. */
const char *hook_url_fault(const char *url);

/* hook_url_host - host in small letters, without the brackets of an IPv6 address, and port as text. false: it is no URL
 * of ours. */
struct hook_host {
	char name[HOOK_HOST_LEN], port[8];
};
bool hook_url_host(const char *url, struct hook_host *host_out);

#endif
