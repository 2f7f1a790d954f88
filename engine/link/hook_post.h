/* hook_post.h - one call of another system over libcurl: signed, bounded, to where it may go.
 *
 *	post = post_start(loop, &what, finished, arg);	finished is called once, in a later turn
 *	post_free(&post);
 *
 * No redirects, no proxies, http and https only, 15 s for all of it. The address is checked when connecting
 * (hook_guard.h). Ref: standardwebhooks.com; CURLOPT_OPENSOCKETFUNCTION(3)
 *
 * Thread: loop.
 */
#ifndef HB_LINK_HOOK_POST_H
#define HB_LINK_HOOK_POST_H

#include <stdbool.h>

#include "core/hooks.h"

struct curl_loop;
struct post;

typedef void post_fn(void *arg, struct post *post);

struct post_start {
	struct curl_loop *loop;
	const struct hook_post *what; /* copied */
	const char *const *allow;     /* borrowed: until finished, or post_free */
	post_fn *finished;
	void *arg;
};

struct post *post_new(const struct post_start *start);

/* post_result - what came of it, once finished; answer is the post's. */
struct hook_result post_result(const struct post *post);
uint64_t post_hook(const struct post *post);
uint64_t post_id(const struct post *post);

/* post_free - drops what is under way; finished will not be called. NULL is fine; leaves NULL. */
void post_free(struct post **post);

/* post_judge - the outcome of an answer's status: 2xx taken, 410 gone, all else again. Pure. */
enum hook_outcome post_judge(long status);

#endif
