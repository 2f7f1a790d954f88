/* fuzz_callback.c - any bytes as a query from smsbox: what comes out is valid UTF-8 within its limits, or a sentence */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "plugin/callback.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_string(const char *s, size_t most)
{
	size_t len = s ? strlen(s) : 0;
	if (!s || len > most || !utf8_is_valid(s, len))
		abort();
}

static void check_refusal(enum err err, const char *why)
{
	if ((err != ERR_BAD_REQUEST && err != ERR_TOO_LARGE) || !why)
		abort();
}

static void try_report(struct arena *arena, const char *query, size_t len)
{
	struct callback_report report;
	const char *why = NULL;
	enum err err = callback_parse_report(arena, query, len, &report, &why);
	if (err != ERR_OK) {
		check_refusal(err, why);
		return;
	}
	if (report.id == 0 || report.kind == 0 || report.kind > 255)
		abort();
	check_string(report.event_id, CALLBACK_FIELD_MOST);
	check_string(report.detail, CALLBACK_FIELD_MOST);
	check_string(report.smsc, CALLBACK_FIELD_MOST);
}

enum { NOW_MS = 1000000 };

static void check_inbound(enum err err, const struct callback_inbound *inbound,
			  const char *why)
{
	const struct callback_inbound in = *inbound;
	if (err != ERR_OK) {
		check_refusal(err, why);
		return;
	}
	if (!in.event_id[0] || !in.from[0] || in.at_utc_ms > NOW_MS ||
	    (in.is_binary && in.text[0]))
		abort();
	check_string(in.text, CALLBACK_TEXT_MOST);
	check_string(in.from, CALLBACK_FIELD_MOST);
	check_string(in.to, CALLBACK_FIELD_MOST);
	check_string(in.smsc, CALLBACK_FIELD_MOST);
	if (in.part.total &&
	    (in.part.total < 2 || in.part.total > 255 || !in.part.number ||
	     in.part.number > in.part.total || in.is_binary))
		abort();
}

static void try_inbound(struct arena *arena, const char *query, size_t len)
{
	struct callback_inbound in = {.text = ""};
	const char *why = NULL;
	check_inbound(callback_parse_inbound(arena, query, len, NOW_MS, &in, &why), &in,
		      why);
}

/* Up to the first line's end the query, then a header, then the body. */
static void try_posted(struct arena *arena, const char *data, size_t len)
{
	const char *end = data + len, *head = memchr(data, '\n', len);
	const char *body =
		head ? memchr(head + 1, '\n', (size_t)(end - head - 1)) : NULL;
	struct callback_inbound in = {.text = ""};
	const char *why = NULL;
	if (!body)
		return;
	struct callback_raw raw = {.text = body + 1,
				   .text_bytes = (size_t)(end - body - 1),
				   .from = "1",
				   .event_id = "e"};
	const char *udh = arena_strndup(arena, head + 1, (size_t)(body - head - 1));
	if (!callback_read_header(arena, udh, &raw.udh, &raw.udh_bytes))
		return;
	const struct callback_post post = {data, (size_t)(head - data), &raw};
	check_inbound(callback_parse_posted(arena, &post, NOW_MS, &in, &why), &in, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	try_report(arena, (const char *)data, size);
	try_inbound(arena, (const char *)data, size);
	try_posted(arena, (const char *)data, size);
	arena_free(&arena);
	return 0;
}
