/* http_parse.h - the wire form of HTTP/1.1 requests, as pure functions; the connection (http_conn.c) feeds them.
 *
 * Strict where RFC 9112 lets a receiver choose: CRLF only, no folded lines, no space before the colon, one space between
 * the parts of the request line. What a proxy in front might read otherwise is refused, so that both see one request.
 *
 *	state = http_head_scan(&scan, data, len);              until HTTP_WHOLE: the head is scan.end bytes
 *	ok = http_head_parse(arena, text, scan.end, &head, &refusal)
 *	  && http_audit(&head, body_max, &framing, &refusal);
 *	state = http_chunks_feed(&chunks, data, len, &used);   for framing.kind == HTTP_BODY_CHUNKED
 *
 * Thread: any. Ref: RFC 9112; RFC 9110 5, 7.2, 8.6.
 */
#ifndef HB_API_HTTP_PARSE_H
#define HB_API_HTTP_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/http.h"

/* http_refusal - why a request goes no further. detail is a constant sentence. */
struct http_refusal {
	unsigned status;
	enum err err;
	const char *detail;
};

/* headers that are looked at for each request, found while parsing */
enum http_known {
	HTTP_HOST,
	HTTP_CONTENT_LENGTH,
	HTTP_TRANSFER_ENCODING,
	HTTP_CONNECTION,
	HTTP_EXPECT,
	HTTP_CONTENT_TYPE,
	HTTP_AUTHORIZATION,
	HTTP_COOKIE,
	HTTP_ORIGIN,
	HTTP_IDEMPOTENCY_KEY,
	HTTP_IF_MATCH,
	HTTP_CSRF_TOKEN,
	HTTP_LAST_EVENT_ID,
	HTTP_WEBHOOK_ID,
	HTTP_WEBHOOK_TIMESTAMP,
	HTTP_WEBHOOK_SIGNATURE,
	HTTP_KNOWN_COUNT
};

struct http_field {
	const char *name, *value;
	size_t name_len;
};

struct http_head {
	enum http_method method;
	unsigned minor;               /* HTTP/1.minor: 0 or 1 */
	const char *raw_path, *query; /* query NULL: no '?' */
	const char *authority;        /* of an absolute-form target; NULL otherwise */
	const char **segments;
	unsigned segment_count, field_count;
	struct http_field *fields;
	const char *known[HTTP_KNOWN_COUNT]; /* the first value; NULL: absent */
	unsigned known_count[HTTP_KNOWN_COUNT];
};

enum http_state { HTTP_MORE, HTTP_WHOLE, HTTP_BAD };

/* http_scan - where the search for the end of a head has got to; starts zeroed. */
struct http_scan {
	size_t at, line; /* looked at so far; where the present line begins */
	size_t end;      /* of the head with its empty line, when whole */
};

/* http_head_scan - data is the head so far from its first byte, longer each time. HTTP_BAD: a line end that is not CRLF. */
enum http_state http_head_scan(struct http_scan *scan, const char *data,
			       size_t len_bytes);

/* http_head_parse - text is len_bytes of a whole head, in the arena; it is cut up in place. */
bool http_head_parse(struct arena *arena, char *text, size_t len_bytes,
		     struct http_head *head_out,
		     struct http_refusal *refusal_out) MUST_CHECK;

enum http_body_kind { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

struct http_framing {
	enum http_body_kind kind;
	size_t length;       /* HTTP_BODY_LENGTH */
	bool is_last;        /* the connection closes after the answer */
	bool wants_continue; /* Expect: 100-continue */
};

/* http_audit - the rules that need the whole head (http_audit.c). framing_out says where the body ends. */
bool http_audit(const struct http_head *head, size_t body_max_bytes,
		struct http_framing *framing_out,
		struct http_refusal *refusal_out) MUST_CHECK;

/* http_chunks - decoder of a chunked body; starts zeroed but for body (borrowed) and max_bytes (of the body). */
struct http_chunks {
	struct buf *body;
	size_t max_bytes;
	size_t left;                    /* of the present chunk */
	unsigned line_len, trailer_len; /* of the present size line; of all trailers */
	unsigned step;                  /* private to http_parse.c */
	bool is_too_large;              /* with HTTP_BAD: 413, not 400 */
};

/* http_chunks_feed - takes what it can; *used_out bytes are done with. HTTP_WHOLE: the last chunk and trailers are in. */
enum http_state http_chunks_feed(struct http_chunks *chunks, const char *data,
				 size_t len_bytes, size_t *used_out);

#endif
