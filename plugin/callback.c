/* callback.c - see callback.h */
#include "plugin/callback.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/ident.h"
#include "base/utf8.h"
#include "plugin/gsm.h"

enum { CODING_7BIT = 0, CODING_8BIT = 1, CODING_UCS2 = 2, KIND_MOST = 255 };

/* A parameter as it was sent, decoded; bytes may hold NULs, and are followed by one that does not count. */
struct param {
	const char *name;
	char *bytes;
	size_t len;
	bool is_given;
};

/* --- the query ----------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* %XX and + as in gwlib/octstr.c:octstr_url_encode. false: a % that is none. */
static bool decode(struct arena *arena, const char *at, const char *end,
		   struct param *param)
{
	char *to = param->bytes = arena_alloc(arena, (size_t)(end - at) + 1);
	while (at < end) {
		if (*at != '%') {
			*to++ = *at == '+' ? ' ' : *at;
			at++;
			continue;
		}
		int high = end - at > 2 ? hex_digit(at[1]) : -1,
		    low = high < 0 ? -1 : hex_digit(at[2]);
		if (low < 0)
			return false;
		*to++ = (char)(high << 4 | low);
		at += 3;
	}
	*to = '\0';
	param->len = (size_t)(to - param->bytes);
	return true;
}

static struct param *find_param(struct param *params, size_t count, const char *name,
				size_t name_len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(params[i].name) == name_len &&
		    memcmp(params[i].name, name, name_len) == 0)
			return &params[i];
	return NULL;
}

static enum err take_pair(struct arena *arena, const char *pair, const char *end,
			  struct param *params, size_t count, const char **why_out)
{
	const char *equals = memchr(pair, '=', (size_t)(end - pair));
	const char *name_end = equals ? equals : end;
	struct param *param =
		find_param(params, count, pair, (size_t)(name_end - pair));
	if (!param)
		return ERR_OK;
	if (param->is_given) {
		*why_out = arena_printf(arena, "the parameter \"%s\" is there twice",
					param->name);
		return ERR_BAD_REQUEST;
	}
	param->is_given = true;
	if (!decode(arena, equals ? equals + 1 : end, end, param)) {
		*why_out = arena_printf(arena,
					"the parameter \"%s\" has a %% that is not "
					"followed by two hexadecimal digits",
					param->name);
		return ERR_BAD_REQUEST;
	}
	return ERR_OK;
}

static enum err parse_query(struct arena *arena, const char *query, size_t len,
			    struct param *params, size_t count, const char **why_out)
{
	const char *at = query, *end = query + len;
	enum err err = ERR_OK;
	if (len > CALLBACK_QUERY_MOST) {
		*why_out = "the query is longer than 64 KiB";
		return ERR_TOO_LARGE;
	}
	for (size_t i = 0; i < count; i++) {
		params[i].bytes = arena_strdup(arena, "");
		params[i].len = 0;
	}
	while (err == ERR_OK && at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		if (!stop)
			stop = end;
		err = take_pair(arena, at, stop, params, count, why_out);
		at = stop < end ? stop + 1 : end;
	}
	return err;
}

/* --- values -------------------------------------------------------------- */

/* Bytes as UTF-8 without NUL and control characters; what is neither is replaced. */
static const char *clean_text(struct arena *arena, const char *bytes, size_t len,
			      size_t most, bool *was_mended_out)
{
	const char *at = bytes, *end = bytes + len;
	struct buf buf = BUF_EMPTY;
	for (;;) {
		uint32_t c = utf8_next(&at, end);
		if (c == UTF8_END || buf.len + 4 > most)
			break;
		if (c == UTF8_BAD)
			at++;
		if (c == UTF8_BAD || c == 0) {
			*was_mended_out = true;
			c = 0xFFFD;
		}
		utf8_add(&buf, c);
	}
	const char *text = arena_strndup(arena, buf_str(&buf), buf.len);
	buf_fini(&buf);
	return text;
}

/* A name, number or id: one line of valid UTF-8. */
static enum err check_field(struct arena *arena, const char *name, const char *bytes,
			    size_t len, const char **why_out)
{
	if (len > CALLBACK_FIELD_MOST) {
		*why_out = arena_printf(arena,
					"the parameter \"%s\" is longer than %d bytes",
					name, CALLBACK_FIELD_MOST);
		return ERR_BAD_REQUEST;
	}
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f) {
			*why_out = arena_printf(
				arena, "the parameter \"%s\" has a control character",
				name);
			return ERR_BAD_REQUEST;
		}
	if (utf8_is_valid(bytes, len))
		return ERR_OK;
	*why_out = arena_printf(arena, "the parameter \"%s\" is not valid UTF-8", name);
	return ERR_BAD_REQUEST;
}

static enum err check_params(struct arena *arena, const struct param *params,
			     size_t count, const char *not_this, const char **why_out)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		if (strcmp(params[i].name, not_this) != 0)
			err = check_field(arena, params[i].name, params[i].bytes,
					  params[i].len, why_out);
	return err;
}

static bool parse_number(const char *text, long long least, long long most,
			 long long *value_out)
{
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (end == text || *end || errno || text[0] == ' ' || text[0] == '+' ||
	    value < least || value > most)
		return false;
	*value_out = value;
	return true;
}

/* --- reports ------------------------------------------------------------- */

enum err callback_parse_report(struct arena *arena, const char *query, size_t len_bytes,
			       struct callback_report *report_out, const char **why_out)
{
	enum { ID, STATUS, EVENT, DETAIL, SMSC, COUNT };
	struct param params[COUNT] = {
		{"id"}, {"status"}, {"event"}, {"detail"}, {"smsc"}};
	struct callback_report report = {0};
	long long kind;
	bool was_mended = false;
	enum err err = parse_query(arena, query, len_bytes, params, COUNT, why_out);
	if (err == ERR_OK)
		err = check_params(arena, params, COUNT, "detail", why_out);
	if (err != ERR_OK)
		return err;
	if (ident_parse(params[ID].bytes, &report.id) != ERR_OK) {
		*why_out = "the parameter \"id\" is not the id of a message: digits "
			   "are expected";
		return ERR_BAD_REQUEST;
	}
	if (!parse_number(params[STATUS].bytes, 1, KIND_MOST, &kind)) {
		*why_out = "the parameter \"status\" is not a kind of report: a number "
			   "from 1 to 255 is expected (%d)";
		return ERR_BAD_REQUEST;
	}
	report.kind = (unsigned)kind;
	report.event_id = params[EVENT].bytes;
	report.smsc = params[SMSC].bytes;
	report.detail = clean_text(arena, params[DETAIL].bytes, params[DETAIL].len,
				   CALLBACK_FIELD_MOST, &was_mended);
	*report_out = report;
	return ERR_OK;
}

/* --- inbound ------------------------------------------------------------- */

/* Kannel's words for charsets that iconv calls otherwise. */
static const char *iconv_name(const char *charset)
{
	static const char *const names[][2] = {
		{"UCS-2", "UTF-16BE"},    {"UCS-2BE", "UTF-16BE"},
		{"UTF-16", "UTF-16BE"},   {"WIN-1252", "WINDOWS-1252"},
		{"LATIN1", "ISO-8859-1"}, {"LATIN-1", "ISO-8859-1"},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(charset, names[i][0]) == 0)
			return names[i][1];
	return charset;
}

static bool is_gsm(const char *charset)
{
	static const char *const names[] = {"GSM",       "GSM-7",     "GSM0338",
					    "GSM-03.38", "GSM 03.38", "7-BIT"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(charset, names[i]) == 0)
			return true;
	return false;
}

/* bytes → UTF-8; a byte that is no text there becomes U+FFFD, so that a person sees the rest. */
static void convert(iconv_t cd, size_t unit_bytes, const char *bytes, size_t len,
		    struct buf *text, bool *was_mended_out)
{
	char *from = (char *)bytes; /* iconv's prototype; it does not write there */
	while (len > 0 && text->len < CALLBACK_TEXT_MOST) {
		size_t room = 256;
		char *to = buf_reserve(text, room), *start = to;
		size_t rc = iconv(cd, &from, &len, &to, &room);
		buf_commit(text, (size_t)(to - start));
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		/* a wrong unit is skipped whole, half a one at the end too */
		size_t skip = len < unit_bytes ? len : unit_bytes;
		*was_mended_out = true;
		utf8_add(text, 0xFFFD);
		iconv(cd, NULL, NULL, NULL, NULL);
		from += skip;
		len -= skip;
	}
}

static const char *default_charset(long long coding)
{
	return coding == CODING_UCS2 ? "UTF-16BE" : "UTF-8";
}

static enum err decode_text(struct arena *arena, const struct callback_raw *raw,
			    long long coding, struct callback_inbound *out,
			    const char **why_out)
{
	const char *charset = raw->charset && raw->charset[0] ? raw->charset
							      : default_charset(coding);
	struct buf text = BUF_EMPTY;
	if (is_gsm(charset)) {
		gsm_decode(raw->text, raw->text_bytes, &text);
	} else if (strcasecmp(charset, "UTF-8") == 0 ||
		   strcasecmp(charset, "UTF8") == 0) {
		buf_add(&text, raw->text, raw->text_bytes);
	} else {
		/* a charset is a short word; iconv gives // a meaning */
		iconv_t cd = strchr(charset, '/')
				     ? (iconv_t)-1
				     : iconv_open("UTF-8", iconv_name(charset));
		if (cd == (iconv_t)-1) {
			*why_out = arena_printf(arena,
						"the charset \"%s\" is not known here; "
						"UTF-8 and UTF-16BE are",
						charset);
			return ERR_BAD_REQUEST;
		}
		size_t unit_bytes =
			strncasecmp(iconv_name(charset), "UTF-16", 6) == 0 ? 2 : 1;
		convert(cd, unit_bytes, raw->text, raw->text_bytes, &text,
			&out->was_mended);
		iconv_close(cd);
	}
	out->text = clean_text(arena, buf_str(&text), text.len, CALLBACK_TEXT_MOST,
			       &out->was_mended);
	buf_fini(&text);
	return ERR_OK;
}

static int64_t received_at(const char *at, int64_t now_utc_ms)
{
	long long seconds;
	if (!at || !parse_number(at, 1, INT64_MAX / 1000, &seconds))
		return now_utc_ms;
	int64_t at_ms = (int64_t)seconds * SECOND_MS;
	return at_ms < now_utc_ms ? at_ms : now_utc_ms;
}

/* Two names for one thing when a field is absent. */
static const char *or_empty(const char *s)
{
	return s ? s : "";
}

enum err callback_from_raw(struct arena *arena, const struct callback_raw *raw,
			   int64_t now_utc_ms, struct callback_inbound *inbound_out,
			   const char **why_out)
{
	struct callback_inbound out = {.text = ""};
	long long coding = CODING_7BIT;
	const char *given = or_empty(raw->coding);
	if (!or_empty(raw->event_id)[0]) {
		*why_out = "the parameter \"id\" is missing: it tells the same text "
			   "from another one (%I)";
		return ERR_BAD_REQUEST;
	}
	if (!or_empty(raw->from)[0]) {
		*why_out = "the parameter \"from\" is missing: who sent the text (%q)";
		return ERR_BAD_REQUEST;
	}
	/* Kannel writes -1 for a coding that the SMSC did not tell */
	if (given[0] && !parse_number(given, -1, CODING_UCS2, &coding)) {
		*why_out = "the parameter \"coding\" is not one of 0, 1, 2 (%c)";
		return ERR_BAD_REQUEST;
	}
	out.event_id = raw->event_id;
	out.from = raw->from;
	out.to = or_empty(raw->to);
	out.smsc = or_empty(raw->smsc);
	out.at_utc_ms = received_at(raw->at, now_utc_ms);
	out.is_binary = coding == CODING_8BIT;
	out.binary_bytes = out.is_binary ? raw->text_bytes : 0;
	if (!out.is_binary) {
		enum err err = decode_text(arena, raw, coding, &out, why_out);
		if (err != ERR_OK)
			return err;
	}
	*inbound_out = out;
	return ERR_OK;
}

enum err callback_parse_inbound(struct arena *arena, const char *query,
				size_t len_bytes, int64_t now_utc_ms,
				struct callback_inbound *inbound_out,
				const char **why_out)
{
	enum { TEXT, CODING, CHARSET, ID, FROM, TO, SMSC, AT, COUNT };
	struct param params[COUNT] = {{"text"}, {"coding"}, {"charset"}, {"id"},
				      {"from"}, {"to"},     {"smsc"},    {"at"}};
	enum err err = parse_query(arena, query, len_bytes, params, COUNT, why_out);
	if (err == ERR_OK)
		err = check_params(arena, params, COUNT, "text", why_out);
	if (err != ERR_OK)
		return err;
	if (!params[TEXT].is_given) {
		*why_out = "the parameter \"text\" is missing: the payload (%b)";
		return ERR_BAD_REQUEST;
	}
	struct callback_raw raw = {
		.text = params[TEXT].bytes,
		.text_bytes = params[TEXT].len,
		.coding = params[CODING].bytes,
		.charset = params[CHARSET].bytes,
		.event_id = params[ID].bytes,
		.from = params[FROM].bytes,
		.to = params[TO].bytes,
		.smsc = params[SMSC].bytes,
		.at = params[AT].bytes,
	};
	return callback_from_raw(arena, &raw, now_utc_ms, inbound_out, why_out);
}
