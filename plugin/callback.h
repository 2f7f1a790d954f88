/* callback.h - what smsbox calls us with: delivery reports and inbound texts.
 *
 * handbox puts the report's address into every text (sendsms.h) and prints the inbound one (kannel_setup.h):
 *
 *	/kannel/report/SECRET?id=…&status=%d&event=%I&detail=%A&smsc=%i
 *	/kannel/inbound/SECRET?text=%b&coding=%c&charset=%C&id=%I&from=%q&to=%Q&smsc=%i&at=%T&udh=%u
 *
 * The functions take the raw query (what stands behind "?"): a UCS-2 text carries %00, which a parser of C strings
 * loses. The caller stores and commits, and only then answers 200 with an empty body, as text/plain: for any other
 * type smsbox writes a warning into its log each time.
 *
 *	err = callback_parse_inbound(arena, query, len, now_ms, &inbound, &why);
 *
 * Pure; any thread. What comes out lives in the arena. Ref: gw/urltrans.c:urltrans_fill_escape_codes
 */
#ifndef HB_PLUGIN_CALLBACK_H
#define HB_PLUGIN_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "plugin/charset.h"

/* Kinds of report; bits, since Kannel adds some of its own (0x22 expired, 0x42 unknown): test, never compare. */
enum callback_kind {
	REPORT_DELIVERED = 1,
	REPORT_FAILED = 2,
	REPORT_BUFFERED = 4,
	REPORT_SMSC_ACCEPTED = 8,
	REPORT_REJECTED = 16,
};

enum {
	CALLBACK_QUERY_MOST = 64 * 1024,        /* bytes; ERR_TOO_LARGE above */
	CALLBACK_TEXT_MOST = CHARSET_TEXT_MOST, /* bytes of an inbound text in UTF-8 */
	CALLBACK_FIELD_MOST = 512,              /* bytes of any other field */
};

struct callback_report {
	uint64_t id;   /* our message id */
	unsigned kind; /* enum callback_kind, several at once */
	/* Kannel's id of this event: the same event twice has the same; "" when it gave none */
	const char *event_id;
	/* the SMSC's words in valid UTF-8, at most CALLBACK_FIELD_MOST bytes; may be "" */
	const char *detail;
	const char *smsc; /* smsc-id; may be "" */
};

/* Which part of a longer text this is. Kannel joins parts itself (sms-combine-concatenated-mo, on by default); with that
 * off, or when a part came half an hour late, each comes alone and its header tells. */
struct callback_part {
	unsigned ref;           /* the same in all parts of a text */
	unsigned total, number; /* of how many, from 1; total 0: it is no part */
};

struct callback_inbound {
	const char *event_id; /* as above; never "" */
	const char *from,
		*to; /* as Kannel gave them: phone_from_gateway() makes numbers of them; to may be "" */
	const char *text; /* UTF-8 without NUL; "" for an empty or binary one */
	bool is_binary;   /* coding 1: no text for a person */
	struct charset_bytes bytes; /* as they came */
	struct callback_part part;
	bool was_mended; /* bytes that are no text in its charset were shown as U+FFFD */
	const char *smsc;
	int64_t at_utc_ms; /* when the gateway got it: %T, or now when it gave none or one in the future */
};

/* callback_parse_report, callback_parse_inbound - ERR_BAD_REQUEST: *why_out is a sentence in the arena that names the
 * parameter: missing, twice, not a number, broken percent-encoding. ERR_TOO_LARGE. Unknown parameters are ignored: an
 * operator may have added some. */
enum err callback_parse_report(struct arena *arena, const char *query, size_t len_bytes,
			       struct callback_report *report_out,
			       const char **why_out) MUST_CHECK;
enum err callback_parse_inbound(struct arena *arena, const char *query,
				size_t len_bytes, int64_t now_utc_ms,
				struct callback_inbound *inbound_out,
				const char **why_out) MUST_CHECK;

/* One inbound text, wherever its parts came from; values are bytes, not yet decoded from their charset. */
struct callback_raw {
	const char *text;
	size_t text_bytes;
	const char *coding,
		*charset; /* "" or NULL: Kannel's defaults, 7-bit in UTF-8 */
	const char *event_id, *from, *to, *smsc, *at;
	const char *udh; /* bytes of the user data header; NULL: none */
	size_t udh_bytes;
};

/* A text that a post-url service brings: the body is the text, and what else there is to know stands in the query, since
 * smsbox 1.4.5 says in its headers neither who sent it nor which event it is. What the query has not is taken from the
 * headers. */
struct callback_post {
	const char *query;
	size_t query_bytes;
	const struct callback_raw *headers; /* text: the body; NULL: there is none */
};
enum err callback_parse_posted(struct arena *arena, const struct callback_post *post,
			       int64_t now_utc_ms, struct callback_inbound *inbound_out,
			       const char **why_out) MUST_CHECK;

/* callback_from_raw - the second half of both. */
enum err callback_from_raw(struct arena *arena, const struct callback_raw *raw,
			   int64_t now_utc_ms, struct callback_inbound *inbound_out,
			   const char **why_out) MUST_CHECK;

/* callback_read_header - the user data header as post-url services write it, percent-encoded or in hex. false: neither. */
bool callback_read_header(struct arena *arena, const char *text, const char **bytes_out,
			  size_t *len_out);

#endif
