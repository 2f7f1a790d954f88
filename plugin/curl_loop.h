/* curl_loop.h - libcurl's multi interface on a libevent loop.
 *
 * Not about Kannel: whoever on the loop thread makes HTTP or SMTP calls adds an easy handle and is told when it is
 * done.
 *
 *	curl_loop_add(loop, easy, finished, arg);
 *
 * done never runs inside curl_loop_add; it may add and remove transfers. Thread: loop thread only. Ref:
 * curl.se/libcurl/c/libcurl-multi.html, "multi_socket"
 */
#ifndef HB_PLUGIN_CURL_LOOP_H
#define HB_PLUGIN_CURL_LOOP_H

#include <curl/curl.h>

#include "base/err.h"

struct curl_loop;
struct event_base;

typedef void curl_loop_fn(void *arg, CURL *easy, CURLcode result);

/* curl_loop_new - connections_kept: idle connections that stay open. base is borrowed and outlives it. */
struct curl_loop *curl_loop_new(struct event_base *base, unsigned connections_kept);

/* curl_loop_free - transfers still under way are dropped; their done will not run. The easy handles stay the
 * caller's. */
void curl_loop_free(struct curl_loop **loop);

/* curl_loop_add - starts a transfer in the next turn of the loop. easy stays the caller's, and is not touched until
 * done ran or curl_loop_remove; CURLOPT_PRIVATE is taken. */
void curl_loop_add(struct curl_loop *loop, CURL *easy, curl_loop_fn *done, void *arg);

/* curl_loop_remove - drops a transfer and closes its connection; done will not run. */
void curl_loop_remove(struct curl_loop *loop, CURL *easy);

#endif
