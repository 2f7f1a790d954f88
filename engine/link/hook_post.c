/* hook_post.c - see hook_post.h */
#include "link/hook_post.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "core/hook_sign.h"
#include "core/hook_url.h"
#include "link/hook_guard.h"
#include "plugin/curl_loop.h"

enum {
	TIMEOUT_MS = 15 * 1000,
	CONNECT_MS = 10 * 1000,
	ANSWER_MOST_BYTES = 64 * 1024, /* read and thrown away beyond what is kept */
	ANSWER_KEPT_BYTES = 160,
	CONNECTION_AGE_S = 30,
	HEADER_LEN = 160,
};

struct post {
	struct curl_loop *loop;
	CURL *easy;
	struct curl_slist *headers;
	uint64_t id, hook_id;
	bool is_private_allowed, was_refused;
	size_t answer_bytes;
	struct buf kept;
	post_fn *finished;
	void *arg;
	enum hook_outcome outcome;
	int64_t retry_after_ms;
	char answer[HOOK_LAST_ANSWER_BYTES];
};

/* --- the answer --------------------------------------------------------------------------------------------------- */

static size_t on_bytes(char *data, size_t size, size_t count, void *arg)
{
	struct post *post = arg;
	size_t len = size * count;
	post->answer_bytes += len;
	if (post->kept.len < ANSWER_KEPT_BYTES) {
		size_t room = ANSWER_KEPT_BYTES - post->kept.len;
		buf_add(&post->kept, data, len < room ? len : room);
	}
	return post->answer_bytes > ANSWER_MOST_BYTES ? 0 : len;
}

/* What is not text, or was cut in the middle of a letter, becomes '?'. */
static void add_excerpt(struct buf *out, const struct buf *kept)
{
	const char *at = kept->data, *end = kept->data + kept->len;
	while (at && at < end) {
		const char *from = at;
		uint32_t c = utf8_next(&at, end);
		if (c == UTF8_BAD || c < ' ' || c == 0x7f) {
			at = c == UTF8_BAD ? from + 1 : at;
			buf_add_char(out,
				     c == '\n' || c == '\r' || c == '\t' ? ' ' : '?');
		} else {
			buf_add(out, from, (size_t)(at - from));
		}
	}
}

enum hook_outcome post_judge(long status)
{
	if (status >= 200 && status < 300)
		return HOOK_TAKEN;
	return status == 410 ? HOOK_GONE : HOOK_AGAIN;
}

static void describe_answer(struct post *post, long status)
{
	struct buf text = BUF_EMPTY;
	buf_printf(&text, "%ld", status);
	if (status >= 300 && status < 400)
		buf_add_str(&text, ": redirects are not followed");
	if (post->outcome != HOOK_TAKEN && post->kept.len) {
		buf_add_str(&text, ": ");
		add_excerpt(&text, &post->kept);
	}
	snprintf(post->answer, sizeof(post->answer), "%s", buf_str(&text));
	buf_fini(&text);
}

static void describe_failure(struct post *post, CURLcode result)
{
	if (post->was_refused)
		snprintf(post->answer, sizeof(post->answer),
			 "Refused: the host has a private, local or reserved address. "
			 "If it is meant, name it in hook-allow of handbox.conf.");
	else if (result == CURLE_OPERATION_TIMEDOUT)
		snprintf(post->answer, sizeof(post->answer),
			 "No whole answer within 15 s.");
	else
		snprintf(post->answer, sizeof(post->answer), "%s.",
			 curl_easy_strerror(result));
}

static void on_done(void *arg, CURL *easy, CURLcode result)
{
	struct post *post = arg;
	long status = 0;
	curl_off_t retry_after_s = 0;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	/* an answer that is too long was an answer all the same */
	bool is_answer = result == CURLE_OK || (result == CURLE_WRITE_ERROR &&
						post->answer_bytes > ANSWER_MOST_BYTES);
	post->outcome = is_answer ? post_judge(status) : HOOK_AGAIN;
	if (is_answer)
		describe_answer(post, status);
	else
		describe_failure(post, result);
	if (post->outcome == HOOK_AGAIN && retry_after_s > 0 &&
	    retry_after_s < DAY_MS / SECOND_MS)
		post->retry_after_ms = (int64_t)retry_after_s * SECOND_MS;
	post->finished(post->arg, post);
}

/* --- the call ----------------------------------------------------------------------------------------------------- */

static curl_socket_t on_open_socket(void *arg, curlsocktype purpose,
				    struct curl_sockaddr *address)
{
	struct post *post = arg;
	(void)purpose;
	if (!post->is_private_allowed && !hook_address_is_public(&address->addr)) {
		post->was_refused = true;
		errno = EACCES;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
		      address->protocol);
}

static void add_header(struct post *post, const char *name, const char *value)
{
	char line[HEADER_LEN];
	snprintf(line, sizeof(line), "%s: %s", name, value);
	post->headers = curl_slist_append(post->headers, line);
}

static void sign(struct post *post, const struct hook_post *what)
{
	char id[HOOK_ID_LEN], at[32], one[HOOK_SIGNATURE_LEN];
	char both[2 * HOOK_SIGNATURE_LEN] = "";
	const struct hook_signed signed_ = {.id = hook_webhook_id(what->id, id),
					    .at_s = clock_now_ms(&clock_real) /
						    SECOND_MS,
					    .body = what->body,
					    .body_len_bytes = strlen(what->body)};
	if (what->secret && hook_sign(what->secret, &signed_, one))
		snprintf(both, sizeof(both), "%s", one);
	if (what->former_secret && hook_sign(what->former_secret, &signed_, one))
		snprintf(both + strlen(both), sizeof(both) - strlen(both), "%s%s",
			 *both ? " " : "", one);
	snprintf(at, sizeof(at), "%lld", (long long)signed_.at_s);
	add_header(post, "webhook-id", id);
	add_header(post, "webhook-timestamp", at);
	add_header(post, "webhook-signature", both);
}

static void set_limits(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* a resolver that hangs is left to itself, never waited for: the loop has texts to hand over */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
}

static void set_request(struct post *post, const struct hook_post *what)
{
	CURL *easy = post->easy;
	sign(post, what);
	add_header(post, "Content-Type", "application/json");
	add_header(post, "User-Agent", "handbox/" PACKAGE_VERSION);
	post->headers = curl_slist_append(post->headers, "Expect:");
	curl_easy_setopt(easy, CURLOPT_URL, what->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post->headers);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)strlen(what->body));
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, what->body);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, post);
}

struct post *post_new(const struct post_start *start)
{
	const struct hook_post *what = start->what;
	struct post *post = MEM_NEW(struct post);
	struct hook_host host;
	post->loop = start->loop;
	post->id = what->id;
	post->hook_id = what->hook_id;
	post->finished = start->finished;
	post->arg = start->arg;
	post->is_private_allowed = hook_url_host(what->url, &host) &&
				   hook_host_is_allowed(start->allow, &host);
	post->easy = curl_easy_init();
	set_limits(post->easy);
	set_request(post, what);
	curl_loop_add(post->loop, post->easy, on_done, post);
	return post;
}

struct hook_result post_result(const struct post *post)
{
	return (struct hook_result){.id = post->id,
				    .outcome = post->outcome,
				    .answer = post->answer,
				    .retry_after_ms = post->retry_after_ms};
}

uint64_t post_hook(const struct post *post)
{
	return post->hook_id;
}

uint64_t post_id(const struct post *post)
{
	return post->id;
}

void post_free(struct post **post_ptr)
{
	struct post *post = *post_ptr;
	*post_ptr = NULL;
	if (!post)
		return;
	curl_loop_remove(post->loop, post->easy);
	curl_easy_cleanup(post->easy);
	curl_slist_free_all(post->headers);
	buf_fini(&post->kept);
	mem_free(post);
}
