/* email_write.c - an e-mail as it goes over the wire: see email.h */
#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "model/email.h"

enum {
	LINE_MOST = 76,      /* of a header with encoded words, and of base64 */
	FOLD_MOST = 78,      /* RFC 5322 2.1.1 */
	BASE64_LINE_IN = 57, /* bytes that become 76 characters */
	BASE64_LINE_ROOM = 80,
};

#define WORD_BEGIN "=?UTF-8?B?"
#define WORD_END   "?="

/* --- headers ------------------------------------------------------------------------------------------------------ */

/* One line of it, whatever came in: a line break in a value would begin a header of its own. */
static char *one_line(struct arena *arena, const char *text)
{
	char *line = arena_strdup(arena, text), *to = line;
	for (const char *from = line; *from; from++) {
		unsigned char c = (unsigned char)*from;
		char kept = c < 0x20 || c == 0x7f ? ' ' : *from;
		if (kept != ' ' || (to > line && to[-1] != ' '))
			*to++ = kept;
	}
	while (to > line && to[-1] == ' ')
		to--;
	*to = '\0';
	return line;
}

/* Goes as it is: ASCII, no words that look encoded, none too long to fold. */
static bool is_plain(const char *line)
{
	size_t word = 0;
	for (const char *c = line; *c; c++) {
		word = *c == ' ' ? 0 : word + 1;
		if ((unsigned char)*c > 0x7e || word > FOLD_MOST / 2)
			return false;
	}
	return !strstr(line, "=?");
}

/* column: where the line stands; it is folded at blanks. */
static void add_plain(struct buf *out, size_t column, const char *line)
{
	while (*line) {
		size_t len = strcspn(line, " ");
		if (column + 1 + len > FOLD_MOST) {
			buf_add_str(out, "\r\n");
			column = 0;
		}
		buf_printf(out, " %.*s", (int)len, line);
		column += 1 + len;
		line += len + (line[len] == ' ');
	}
}

/* As many whole characters as fit into an encoded word of that room. */
static size_t word_bytes(const char *text, size_t room)
{
	size_t overhead = strlen(WORD_BEGIN WORD_END);
	size_t most = room > overhead + 4 ? (room - overhead) / 4 * 3 : 3;
	const char *end = text + strlen(text), *at = text;
	for (const char *next = text; next < end; at = next) {
		uint32_t code = utf8_next(&next, end);
		if (code == UTF8_BAD)
			next++;
		if ((size_t)(next - text) > most)
			break;
		if (next == end)
			return (size_t)(end - text);
	}
	return at > text ? (size_t)(at - text) : 1;
}

static void add_encoded(struct buf *out, size_t column, const char *line)
{
	char word[BASE64_LINE_ROOM];
	while (*line) {
		size_t len = word_bytes(line, LINE_MOST - column - 1);
		sodium_bin2base64(word, sizeof(word), (const unsigned char *)line, len,
				  sodium_base64_VARIANT_ORIGINAL);
		buf_printf(out, " " WORD_BEGIN "%s" WORD_END, word);
		line += len;
		column = 0;
		if (*line)
			buf_add_str(out, "\r\n");
	}
}

static void add_header(struct buf *out, const char *name, const char *text)
{
	struct arena *arena = arena_new();
	const char *line = one_line(arena, text);
	buf_printf(out, "%s:", name);
	if (is_plain(line))
		add_plain(out, strlen(name) + 1, line);
	else
		add_encoded(out, strlen(name) + 1, line);
	buf_add_str(out, "\r\n");
	arena_free(&arena);
}

static void add_from(struct buf *out, const struct email_sender *from)
{
	struct arena *arena = arena_new();
	const char *name = from->name ? one_line(arena, from->name) : "";
	buf_add_str(out, "From:");
	if (*name && is_plain(name) && !strpbrk(name, "()<>[]:;@\\,.\""))
		add_plain(out, strlen("From:"), name);
	else if (*name)
		add_encoded(out, strlen("From:"), name);
	if (*name)
		buf_printf(out, "\r\n <%s>\r\n", from->address);
	else
		buf_printf(out, " %s\r\n", from->address);
	arena_free(&arena);
}

/* Not strftime's names: they are those of the locale. */
static void add_date(struct buf *out, int64_t at)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(at / SECOND_MS);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n",
		   days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
		   tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* --- the body ----------------------------------------------------------------------------------------------------- */

/* CRLF at the end of every line, the last one too. */
static void add_lines(struct buf *out, const char *body)
{
	while (*body) {
		size_t len = strcspn(body, "\r\n");
		buf_add(out, body, len);
		buf_add_str(out, "\r\n");
		body += len;
		body += body[0] == '\r' && body[1] == '\n' ? 2 : *body != '\0';
	}
}

static bool is_seven_bit(const char *lines)
{
	size_t column = 0;
	for (const char *c = lines; *c; c++) {
		column = *c == '\n' ? 0 : column + 1;
		if ((unsigned char)*c > 0x7e || column > FOLD_MOST + 1 ||
		    ((unsigned char)*c < 0x20 && !strchr("\r\n\t", *c)))
			return false;
	}
	return true;
}

static void add_base64(struct buf *out, const struct buf *lines)
{
	char line[BASE64_LINE_ROOM];
	for (size_t at = 0; at < lines->len; at += BASE64_LINE_IN) {
		size_t len = lines->len - at < BASE64_LINE_IN ? lines->len - at
							      : BASE64_LINE_IN;
		sodium_bin2base64(line, sizeof(line),
				  (const unsigned char *)lines->data + at, len,
				  sodium_base64_VARIANT_ORIGINAL);
		buf_printf(out, "%s\r\n", line);
	}
}

void email_write(const struct email_wire *wire, struct buf *out)
{
	struct buf lines = BUF_EMPTY;
	add_lines(&lines, wire->body);
	bool is_plain_body = is_seven_bit(buf_str(&lines));
	add_date(out, wire->at);
	add_from(out, &wire->from);
	buf_printf(out, "To: %s\r\n", wire->to);
	add_header(out, "Subject", wire->subject);
	buf_printf(out,
		   "Message-ID: <%s>\r\nAuto-Submitted: auto-generated\r\n"
		   "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
		   "Content-Transfer-Encoding: %s\r\n\r\n",
		   wire->message_id, is_plain_body ? "7bit" : "base64");
	if (is_plain_body)
		buf_add(out, buf_str(&lines), lines.len);
	else
		add_base64(out, &lines);
	buf_fini(&lines);
}
