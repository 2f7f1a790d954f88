/* http_audit.c - request hygiene: what must hold of a head before anybody acts on it.
 *
 * Each rule closes a gap through which two programs could read different requests out of the same bytes (request
 * smuggling), or a header mean two things. The first rule that fails is the answer, and the connection ends: after it
 * nobody knows where the next request begins.
 *
 * Ref: RFC 9112 3.2 (Host), 6.1 and 6.3 (framing), 9.3 (persistence); RFC 9110 10.1.1 (Expect).
 */
#include <string.h>
#include <strings.h>

#include "api/http_parse.h"

static bool host_is_there(const struct http_head *head)
{
	return head->minor == 0 || head->known_count[HTTP_HOST];
}

static bool host_is_one(const struct http_head *head)
{
	return head->known_count[HTTP_HOST] <= 1;
}

/* name, IPv4 or [IPv6], then perhaps a port; an empty Host is allowed to those who have none */
static bool host_is_valid(const struct http_head *head)
{
	const char *host = head->known[HTTP_HOST];
	if (!host || !*host)
		return true;
	size_t len;
	if (*host == '[') {
		len = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
		if (len < 3 || host[len] != ']')
			return false;
		len++;
	} else {
		len = strcspn(host, ":");
		if (len == 0 || strcspn(host, " \t/?#@\\,;\"<>{}|^`%") < len)
			return false;
	}
	if (host[len] == '\0')
		return true;
	size_t digits = strspn(host + len + 1, "0123456789");
	return host[len] == ':' && digits <= 5 && host[len + 1 + digits] == '\0';
}

static bool length_is_one(const struct http_head *head)
{
	return head->known_count[HTTP_CONTENT_LENGTH] <= 1;
}

static bool length_is_digits(const struct http_head *head)
{
	const char *text = head->known[HTTP_CONTENT_LENGTH];
	return !text || (*text && strspn(text, "0123456789") == strlen(text));
}

static bool encoding_is_chunked(const struct http_head *head)
{
	const char *text = head->known[HTTP_TRANSFER_ENCODING];
	return !text || (head->known_count[HTTP_TRANSFER_ENCODING] == 1 &&
			 strcasecmp(text, "chunked") == 0);
}

static bool encoding_stands_alone(const struct http_head *head)
{
	return !head->known[HTTP_TRANSFER_ENCODING] ||
	       !head->known[HTTP_CONTENT_LENGTH];
}

static bool encoding_has_version(const struct http_head *head)
{
	return !head->known[HTTP_TRANSFER_ENCODING] || head->minor >= 1;
}

static bool singles_are_single(const struct http_head *head)
{
	for (unsigned i = HTTP_EXPECT; i < HTTP_KNOWN_COUNT; i++)
		if (head->known_count[i] > 1)
			return false;
	return true;
}

static bool expect_is_continue(const struct http_head *head)
{
	return !head->known[HTTP_EXPECT] ||
	       strcasecmp(head->known[HTTP_EXPECT], "100-continue") == 0;
}

static const struct {
	bool (*holds)(const struct http_head *head);
	unsigned status;
	const char *detail;
} rules[] = {
	{host_is_there, 400, "The Host header is missing"},
	{host_is_one, 400, "There is more than one Host header"},
	{host_is_valid, 400,
	 "The Host header is not a host name with an optional port"},
	{length_is_one, 400, "There is more than one Content-Length header"},
	{length_is_digits, 400, "Content-Length must be digits only"},
	{encoding_is_chunked, 400, "Transfer-Encoding must be exactly 'chunked'"},
	{encoding_stands_alone, 400,
	 "Transfer-Encoding and Content-Length exclude each other"},
	{encoding_has_version, 400, "Transfer-Encoding needs HTTP/1.1"},
	{singles_are_single, 400,
	 "A header is repeated that may come once: Expect, Content-Type, "
	 "Authorization, Cookie, Origin, "
	 "Idempotency-Key, If-Match, X-CSRF-Token, Last-Event-ID, "
	 "webhook-id, webhook-timestamp, webhook-signature"},
	{expect_is_continue, 417, "Expect may only be 100-continue"},
};

/* Does the list in Connection have this option? */
static bool connection_has(const struct http_head *head, const char *option)
{
	size_t len = strlen(option);
	for (unsigned i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->fields[i];
		if (field->name_len != 10 || strcasecmp(field->name, "Connection") != 0)
			continue;
		for (const char *at = field->value; *at; at += strcspn(at, ",")) {
			at += strspn(at, ", \t");
			size_t word = strcspn(at, ", \t");
			if (word == len && strncasecmp(at, option, len) == 0)
				return true;
		}
	}
	return false;
}

static bool is_last(const struct http_head *head)
{
	if (!head->known[HTTP_CONNECTION])
		return head->minor == 0;
	return connection_has(head, "close") ||
	       (head->minor == 0 && !connection_has(head, "keep-alive"));
}

/* Digits, checked; anything above max is as good as max + 1. */
static size_t read_length(const char *digits, size_t max)
{
	size_t value = 0;
	for (; *digits && value <= max; digits++)
		value = value * 10 + (size_t)(*digits - '0');
	return value;
}

bool http_audit(const struct http_head *head, size_t body_max_bytes,
		struct http_framing *framing_out, struct http_refusal *refusal_out)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].holds(head))
			continue;
		*refusal_out = (struct http_refusal){rules[i].status, ERR_BAD_REQUEST,
						     rules[i].detail};
		return false;
	}
	struct http_framing framing = {.is_last = is_last(head)};
	const char *length = head->known[HTTP_CONTENT_LENGTH];
	if (length && (framing.length = read_length(length, body_max_bytes)) > 0)
		framing.kind = HTTP_BODY_LENGTH;
	if (head->known[HTTP_TRANSFER_ENCODING])
		framing.kind = HTTP_BODY_CHUNKED;
	if (framing.length > body_max_bytes) {
		*refusal_out = (struct http_refusal){413, ERR_TOO_LARGE, NULL};
		return false;
	}
	framing.wants_continue = head->known[HTTP_EXPECT] && head->minor >= 1 &&
				 framing.kind != HTTP_BODY_NONE;
	*framing_out = framing;
	return true;
}
