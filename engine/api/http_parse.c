/* http_parse.c - see http_parse.h */
#include "api/http_parse.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

enum { CHAR_TOKEN = 1, CHAR_VALUE = 2, CHAR_TARGET = 4, CHAR_HEX = 8 };

/* Classes of bytes. Token: RFC 9110 5.6.2. Value: visible, space, tab, obs-text. Target: visible ASCII but '#'. */
static unsigned char_class(unsigned char c)
{
	static const unsigned char token_marks[256] = {
		['!'] = 1,  ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1,
		['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,
		['^'] = 1,  ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1,
	};
	bool digit = c >= '0' && c <= '9';
	bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	unsigned class = 0;
	if (digit || alpha || token_marks[c])
		class |= CHAR_TOKEN;
	if (c == '\t' || (c >= ' ' && c != 0x7f))
		class |= CHAR_VALUE;
	if (c > ' ' && c < 0x7f && c != '#')
		class |= CHAR_TARGET;
	if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		class |= CHAR_HEX;
	return class;
}

static bool all_of(const char *text, size_t len, unsigned class)
{
	for (size_t i = 0; i < len; i++)
		if (!(char_class((unsigned char)text[i]) & class))
			return false;
	return true;
}

static bool refuse(struct http_refusal *refusal, unsigned status, const char *detail)
{
	*refusal = (struct http_refusal){status, ERR_BAD_REQUEST, detail};
	return false;
}

enum http_state http_head_scan(struct http_scan *scan, const char *data,
			       size_t len_bytes)
{
	while (scan->at < len_bytes) {
		const char *lf = memchr(data + scan->at, '\n', len_bytes - scan->at);
		if (!lf) {
			scan->at = len_bytes;
			break;
		}
		size_t at = (size_t)(lf - data);
		if (at == scan->line || lf[-1] != '\r')
			return HTTP_BAD;
		bool is_empty = at == scan->line + 1;
		scan->at = scan->line = at + 1;
		if (is_empty) {
			scan->end = at + 1;
			return HTTP_WHOLE;
		}
	}
	return HTTP_MORE;
}

static const struct {
	const char *name;
	size_t len;
} method_names[HTTP_METHOD_COUNT] = {
	[HTTP_GET] = {"GET", 3},         [HTTP_HEAD] = {"HEAD", 4},
	[HTTP_POST] = {"POST", 4},       [HTTP_PUT] = {"PUT", 3},
	[HTTP_PATCH] = {"PATCH", 5},     [HTTP_DELETE] = {"DELETE", 6},
	[HTTP_OPTIONS] = {"OPTIONS", 7}, [HTTP_OTHER] = {"OTHER", 5},
};

const char *http_method_name(enum http_method method)
{
	return method_names[method].name;
}

static enum http_method method_find(const char *text, size_t len)
{
	for (unsigned i = 0; i < HTTP_OTHER; i++)
		if (method_names[i].len == len &&
		    memcmp(method_names[i].name, text, len) == 0)
			return (enum http_method)i;
	return HTTP_OTHER;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One segment into *to, which moves behind its NUL. */
static const char *decode_segment(const char *at, const char *end, char **to,
				  struct http_refusal *refusal)
{
	char *start = *to, *out = start;
	for (; at < end; at++) {
		int high = 0, low = 0;
		if (*at != '%') {
			*out++ = *at;
			continue;
		}
		if (end - at < 3 || (high = hex_value(at[1])) < 0 ||
		    (low = hex_value(at[2])) < 0) {
			refuse(refusal, 400,
			       "The path has a '%' that is not followed by two hex "
			       "digits");
			return NULL;
		}
		*out = (char)(high << 4 | low);
		if ((unsigned char)*out < ' ' || *out == 0x7f) {
			refuse(refusal, 400,
			       "The path has a control character (as %00 to %1F or "
			       "%7F)");
			return NULL;
		}
		out++;
		at += 2;
	}
	*out = '\0';
	*to = out + 1;
	if (strcmp(start, ".") == 0 || strcmp(start, "..") == 0) {
		refuse(refusal, 400, "The path has a '.' or '..' segment");
		return NULL;
	}
	if (!utf8_is_valid(start, (size_t)(out - start))) {
		refuse(refusal, 400, "The path is not UTF-8 when its %XX are decoded");
		return NULL;
	}
	return start;
}

static bool split_path(struct arena *arena, struct http_head *head,
		       struct http_refusal *refusal)
{
	size_t len = strlen(head->raw_path);
	const char *at = head->raw_path + 1, *end = head->raw_path + len;
	unsigned count = 1;
	if (*head->raw_path != '/') /* "*" of OPTIONS */
		at = head->raw_path;
	for (const char *c = at; c < end; c++)
		count += *c == '/';
	head->segments = arena_alloc(arena, count * sizeof(*head->segments));
	char *to = arena_alloc(arena, len + 1);
	for (unsigned i = 0; i < count; i++) {
		const char *stop = memchr(at, '/', (size_t)(end - at));
		if (!stop)
			stop = end;
		head->segments[i] = decode_segment(at, stop, &to, refusal);
		if (!head->segments[i])
			return false;
		at = stop + 1;
	}
	head->segment_count = count;
	return true;
}

/* The target in absolute form, "http://host/path?query": what a client sends to a proxy. Ref: RFC 9112 3.2.2 */
static char *skip_authority(char *target, struct http_head *head)
{
	char *at;
	if (strncasecmp(target, "http://", 7) == 0)
		at = target + 7;
	else if (strncasecmp(target, "https://", 8) == 0)
		at = target + 8;
	else
		return NULL;
	char *path = at + strcspn(at, "/?");
	if (path == at || *path != '/')
		return NULL;
	/* the authority moves one byte to the left, so that its NUL does not fall on the path's slash */
	size_t len = (size_t)(path - at);
	memmove(at - 1, at, len);
	at[len - 1] = '\0';
	head->authority = at - 1;
	return path;
}

static bool parse_target(struct arena *arena, char *target, struct http_head *head,
			 struct http_refusal *refusal)
{
	bool is_star = head->method == HTTP_OPTIONS && strcmp(target, "*") == 0;
	if (*target != '/' && !is_star) {
		target = skip_authority(target, head);
		if (!target)
			return refuse(refusal, 400,
				      "The request target must be a path that begins "
				      "with '/'");
	}
	char *mark = strchr(target, '?');
	if (mark) {
		*mark = '\0';
		head->query = mark + 1;
	}
	head->raw_path = target;
	return split_path(arena, head, refusal);
}

static bool parse_version(const char *text, size_t len, unsigned *minor_out,
			  struct http_refusal *refusal)
{
	if (len != 8 || memcmp(text, "HTTP/", 5) != 0 || text[6] != '.' ||
	    hex_value(text[5]) < 0 || hex_value(text[5]) > 9 ||
	    hex_value(text[7]) < 0 || hex_value(text[7]) > 9)
		return refuse(refusal, 400, "The request line must end in HTTP/1.1");
	if (text[5] != '1')
		return refuse(refusal, 505,
			      "Only HTTP/1.0 and HTTP/1.1 are spoken here");
	*minor_out = text[7] == '0' ? 0 : 1;
	return true;
}

/* line is without its CRLF */
static bool parse_request_line(struct arena *arena, char *line, size_t len,
			       struct http_head *head, struct http_refusal *refusal)
{
	char *end = line + len;
	char *target = memchr(line, ' ', len);
	char *version =
		target ? memchr(target + 1, ' ', (size_t)(end - target - 1)) : NULL;
	if (!version)
		return refuse(refusal, 400,
			      "The first line must be METHOD SP TARGET SP HTTP/1.1");
	size_t method_len = (size_t)(target - line);
	*target++ = '\0';
	size_t target_len = (size_t)(version - target);
	*version++ = '\0';
	if (method_len == 0 || !all_of(line, method_len, CHAR_TOKEN))
		return refuse(refusal, 400, "The method is not a token");
	if (target_len == 0 || !all_of(target, target_len, CHAR_TARGET))
		return refuse(refusal, 400,
			      "The request target has a character that must be "
			      "percent-encoded");
	head->method = method_find(line, method_len);
	if (!parse_version(version, (size_t)(end - version), &head->minor, refusal))
		return false;
	return parse_target(arena, target, head, refusal);
}

static const struct {
	const char *name;
	size_t len;
} known_names[HTTP_KNOWN_COUNT] = {
	[HTTP_HOST] = {"Host", 4},
	[HTTP_CONTENT_LENGTH] = {"Content-Length", 14},
	[HTTP_TRANSFER_ENCODING] = {"Transfer-Encoding", 17},
	[HTTP_CONNECTION] = {"Connection", 10},
	[HTTP_EXPECT] = {"Expect", 6},
	[HTTP_CONTENT_TYPE] = {"Content-Type", 12},
	[HTTP_AUTHORIZATION] = {"Authorization", 13},
	[HTTP_COOKIE] = {"Cookie", 6},
	[HTTP_ORIGIN] = {"Origin", 6},
	[HTTP_IDEMPOTENCY_KEY] = {"Idempotency-Key", 15},
	[HTTP_IF_MATCH] = {"If-Match", 8},
	[HTTP_CSRF_TOKEN] = {"X-CSRF-Token", 12},
	[HTTP_LAST_EVENT_ID] = {"Last-Event-ID", 13},
	[HTTP_WEBHOOK_ID] = {"webhook-id", 10},
	[HTTP_WEBHOOK_TIMESTAMP] = {"webhook-timestamp", 17},
	[HTTP_WEBHOOK_SIGNATURE] = {"webhook-signature", 17},
};

static void note_known(struct http_head *head, const struct http_field *field)
{
	for (unsigned i = 0; i < HTTP_KNOWN_COUNT; i++) {
		if (known_names[i].len != field->name_len ||
		    strncasecmp(known_names[i].name, field->name, field->name_len) != 0)
			continue;
		if (!head->known_count[i]++)
			head->known[i] = field->value;
		return;
	}
}

/* line is without its CRLF; a NUL may be written behind it */
static bool parse_field(char *line, size_t len, struct http_field *field,
			struct http_refusal *refusal)
{
	if (*line == ' ' || *line == '\t')
		return refuse(refusal, 400, "A header is folded over two lines");
	char *colon = memchr(line, ':', len);
	if (!colon || colon == line ||
	    !all_of(line, (size_t)(colon - line), CHAR_TOKEN))
		return refuse(
			refusal, 400,
			"A header must be NAME: VALUE, without space before the colon");
	char *at = colon + 1, *end = line + len;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (!all_of(at, (size_t)(end - at), CHAR_VALUE))
		return refuse(refusal, 400, "A header value has a control character");
	*colon = *end = '\0';
	*field = (struct http_field){line, at, (size_t)(colon - line)};
	return true;
}

static unsigned count_lines(const char *text, const char *end)
{
	unsigned count = 0;
	for (; text < end && (text = memchr(text, '\n', (size_t)(end - text))); text++)
		count++;
	return count;
}

bool http_head_parse(struct arena *arena, char *text, size_t len_bytes,
		     struct http_head *head_out, struct http_refusal *refusal_out)
{
	struct http_head *head = head_out;
	char *end = text + len_bytes - 2; /* the empty line */
	char *eol = memchr(text, '\r', len_bytes);
	memset(head, 0, sizeof(*head));
	if (memchr(text, '\0', len_bytes))
		return refuse(refusal_out, 400, "The head has a NUL byte");
	if (!eol || eol[1] != '\n')
		return refuse(refusal_out, 400,
			      "A carriage return stands without a line feed");
	head->fields =
		arena_alloc(arena, count_lines(text, end) * sizeof(*head->fields));
	if (!parse_request_line(arena, text, (size_t)(eol - text), head, refusal_out))
		return false;
	for (char *line = eol + 2; line < end; line = eol + 2) {
		struct http_field *field = &head->fields[head->field_count];
		eol = memchr(line, '\r', (size_t)(end - line));
		if (!eol || eol[1] != '\n')
			return refuse(refusal_out, 400,
				      "A carriage return stands without a line feed");
		if (!parse_field(line, (size_t)(eol - line), field, refusal_out))
			return false;
		note_known(head, field);
		head->field_count++;
	}
	return true;
}

/* --- chunked bodies: RFC 9112 7.1, as a table of steps, each of which takes some bytes --- */

enum {
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,
	CHUNK_TRAILER_LINE,
	CHUNK_TRAILER_LF,
	CHUNK_LAST_LF,
	CHUNK_DONE
};

enum { CHUNK_LINE_MOST = 256, CHUNK_TRAILERS_MOST = 4096, CHUNK_SIZE_DIGITS_MOST = 8 };

/* A byte of the size line before its CR: hex digits, then perhaps an extension, which is skipped. */
static enum http_state chunk_size(struct http_chunks *chunks, char c)
{
	int digit = hex_value(c);
	if (c == '\r' || c == ';') {
		chunks->step = c == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF;
		return chunks->line_len ? HTTP_MORE : HTTP_BAD;
	}
	if (digit < 0 || ++chunks->line_len > CHUNK_SIZE_DIGITS_MOST)
		return HTTP_BAD;
	chunks->left = chunks->left << 4 | (unsigned)digit;
	return HTTP_MORE;
}

static enum http_state chunk_extension(struct http_chunks *chunks, char c)
{
	if (c == '\r') {
		chunks->step = CHUNK_SIZE_LF;
		return HTTP_MORE;
	}
	bool fine = char_class((unsigned char)c) & CHAR_VALUE &&
		    ++chunks->line_len < CHUNK_LINE_MOST;
	return fine ? HTTP_MORE : HTTP_BAD;
}

static enum http_state chunk_size_lf(struct http_chunks *chunks, char c)
{
	if (c != '\n')
		return HTTP_BAD;
	if (chunks->left > chunks->max_bytes - chunks->body->len) {
		chunks->is_too_large = true;
		return HTTP_BAD;
	}
	chunks->line_len = 0;
	chunks->step = chunks->left ? CHUNK_DATA : CHUNK_TRAILER;
	return HTTP_MORE;
}

static enum http_state chunk_data_cr(struct http_chunks *chunks, char c)
{
	chunks->step = CHUNK_DATA_LF;
	return c == '\r' ? HTTP_MORE : HTTP_BAD;
}

static enum http_state chunk_data_lf(struct http_chunks *chunks, char c)
{
	chunks->step = CHUNK_SIZE;
	return c == '\n' ? HTTP_MORE : HTTP_BAD;
}

/* First byte of a trailer line. Trailers are read over, never taken for headers. */
static enum http_state chunk_trailer(struct http_chunks *chunks, char c)
{
	if (c == '\r') {
		chunks->step = CHUNK_LAST_LF;
		return HTTP_MORE;
	}
	chunks->step = CHUNK_TRAILER_LINE;
	bool fine = char_class((unsigned char)c) & CHAR_TOKEN &&
		    ++chunks->trailer_len < CHUNK_TRAILERS_MOST;
	return fine ? HTTP_MORE : HTTP_BAD;
}

static enum http_state chunk_trailer_line(struct http_chunks *chunks, char c)
{
	if (c == '\r') {
		chunks->step = CHUNK_TRAILER_LF;
		return HTTP_MORE;
	}
	bool fine = char_class((unsigned char)c) & CHAR_VALUE &&
		    ++chunks->trailer_len < CHUNK_TRAILERS_MOST;
	return fine ? HTTP_MORE : HTTP_BAD;
}

static enum http_state chunk_trailer_lf(struct http_chunks *chunks, char c)
{
	chunks->step = CHUNK_TRAILER;
	return c == '\n' ? HTTP_MORE : HTTP_BAD;
}

static enum http_state chunk_last_lf(struct http_chunks *chunks, char c)
{
	chunks->step = CHUNK_DONE;
	return c == '\n' ? HTTP_WHOLE : HTTP_BAD;
}

static size_t chunk_data(struct http_chunks *chunks, const char *data, size_t len)
{
	size_t part = len < chunks->left ? len : chunks->left;
	buf_add(chunks->body, data, part);
	chunks->left -= part;
	if (!chunks->left)
		chunks->step = CHUNK_DATA_CR;
	return part;
}

enum http_state http_chunks_feed(struct http_chunks *chunks, const char *data,
				 size_t len_bytes, size_t *used_out)
{
	static enum http_state (*const steps[])(struct http_chunks *, char) = {
		[CHUNK_SIZE] = chunk_size,
		[CHUNK_EXTENSION] = chunk_extension,
		[CHUNK_SIZE_LF] = chunk_size_lf,
		[CHUNK_DATA_CR] = chunk_data_cr,
		[CHUNK_DATA_LF] = chunk_data_lf,
		[CHUNK_TRAILER] = chunk_trailer,
		[CHUNK_TRAILER_LINE] = chunk_trailer_line,
		[CHUNK_TRAILER_LF] = chunk_trailer_lf,
		[CHUNK_LAST_LF] = chunk_last_lf,
	};
	enum http_state state = HTTP_MORE;
	size_t at = 0;
	while (at < len_bytes && state == HTTP_MORE) {
		if (chunks->step == CHUNK_DATA)
			at += chunk_data(chunks, data + at, len_bytes - at);
		else
			state = steps[chunks->step](chunks, data[at++]);
	}
	*used_out = at;
	return state;
}
