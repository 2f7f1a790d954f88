/* callback.c - see callback.h */
#include "plugin/callback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ident.h"
#include "base/utf8.h"
#include "plugin/charset.h"

enum { KIND_MOST = 255 };

/* A parameter as it was sent, decoded; bytes may hold NULs, and are followed by one that does not count. */
struct param {
	const char *name;
	bool is_raw; /* any bytes: no line of text */
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
			     size_t count, const char **why_out)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		if (!params[i].is_raw)
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
		{"id"}, {"status"}, {"event"}, {"detail", true}, {"smsc"}};
	struct callback_report report = {0};
	long long kind;
	bool was_mended = false;
	enum err err = parse_query(arena, query, len_bytes, params, COUNT, why_out);
	if (err == ERR_OK)
		err = check_params(arena, params, COUNT, why_out);
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
	report.detail = charset_clean(arena, params[DETAIL].bytes, params[DETAIL].len,
				      CALLBACK_FIELD_MOST, &was_mended);
	*report_out = report;
	return ERR_OK;
}

/* --- inbound ------------------------------------------------------------- */

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

/* The element of the header that says which part this is, as in 9.2.3.24: number, length, then what it holds. */
static bool read_part(const unsigned char *udh, size_t len, struct callback_part *part)
{
	enum { CONCAT_8 = 0, CONCAT_16 = 8 };
	size_t end = len ? (size_t)udh[0] + 1 : 0, at = 1;
	if (end > len)
		end = len;
	for (; at + 2 <= end && at + 2 + udh[at + 1] <= end; at += 2 + udh[at + 1]) {
		const unsigned char *data = udh + at + 2;
		bool is_8 = udh[at] == CONCAT_8 && udh[at + 1] == 3;
		bool is_16 = udh[at] == CONCAT_16 && udh[at + 1] == 4;
		if (!is_8 && !is_16)
			continue;
		unsigned more = is_16;
		part->ref = is_16 ? (unsigned)data[0] << 8 | data[1] : data[0];
		part->total = data[1 + more];
		part->number = data[2 + more];
		return part->total > 1 && part->number > 0 &&
		       part->number <= part->total;
	}
	return false;
}

static enum err check_raw(struct arena *arena, const struct callback_raw *raw,
			  const char **why_out)
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{"id", raw->event_id}, {"from", raw->from},       {"to", raw->to},
		{"smsc", raw->smsc},   {"charset", raw->charset},
	};
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < sizeof(fields) / sizeof(fields[0]); i++)
		err = check_field(arena, fields[i].name, or_empty(fields[i].value),
				  strlen(or_empty(fields[i].value)), why_out);
	if (err != ERR_OK)
		return err;
	if (!or_empty(raw->event_id)[0]) {
		*why_out = "the parameter \"id\" is missing: it tells the same text "
			   "from another one (%I)";
		return ERR_BAD_REQUEST;
	}
	if (!or_empty(raw->from)[0]) {
		*why_out = "the parameter \"from\" is missing: who sent the text (%q)";
		return ERR_BAD_REQUEST;
	}
	return ERR_OK;
}

static enum err decode_text(struct arena *arena, struct callback_inbound *out,
			    const char **why_out)
{
	enum err err = charset_decode(arena, &out->bytes, &out->text, &out->was_mended);
	if (err != ERR_NOT_FOUND)
		return err;
	*why_out = arena_printf(arena,
				"the charset \"%s\" is not known here; UTF-8 and "
				"UTF-16BE are",
				out->bytes.charset);
	return ERR_BAD_REQUEST;
}

enum err callback_from_raw(struct arena *arena, const struct callback_raw *raw,
			   int64_t now_utc_ms, struct callback_inbound *inbound_out,
			   const char **why_out)
{
	struct callback_inbound out = {.text = ""};
	long long coding = CHARSET_7BIT;
	const char *given = or_empty(raw->coding);
	enum err err = check_raw(arena, raw, why_out);
	if (err != ERR_OK)
		return err;
	/* Kannel writes -1 for a coding that the SMSC did not tell */
	if (given[0] && !parse_number(given, -1, CHARSET_UCS2, &coding)) {
		*why_out = "the parameter \"coding\" is not one of 0, 1, 2 (%c)";
		return ERR_BAD_REQUEST;
	}
	out.event_id = raw->event_id;
	out.from = raw->from;
	out.to = or_empty(raw->to);
	out.smsc = or_empty(raw->smsc);
	out.at_utc_ms = received_at(raw->at, now_utc_ms);
	out.is_binary = coding == CHARSET_8BIT;
	out.bytes = (struct charset_bytes){
		raw->text, raw->text_bytes, or_empty(raw->charset),
		coding < 0 ? CHARSET_7BIT : (enum charset_coding)coding};
	if (!out.is_binary) {
		err = decode_text(arena, &out, why_out);
		if (err != ERR_OK)
			return err;
		if (!read_part((const unsigned char *)raw->udh, raw->udh_bytes,
			       &out.part))
			out.part = (struct callback_part){0};
	}
	*inbound_out = out;
	return ERR_OK;
}

bool callback_read_header(struct arena *arena, const char *text, const char **bytes_out,
			  size_t *len_out)
{
	size_t len = strlen(text);
	struct param param = {.name = "udh"};
	if (len % 2 == 0 && strspn(text, "0123456789abcdefABCDEF") == len) {
		char *bytes = arena_alloc(arena, len / 2 + 1);
		for (size_t i = 0; i < len / 2; i++)
			bytes[i] = (char)(hex_digit(text[2 * i]) << 4 |
					  hex_digit(text[2 * i + 1]));
		*bytes_out = bytes;
		*len_out = len / 2;
		return true;
	}
	if (!decode(arena, text, text + len, &param))
		return false;
	*bytes_out = param.bytes;
	*len_out = param.len;
	return true;
}

enum { TEXT, CODING, CHARSET, ID, FROM, TO, SMSC, AT, UDH, INBOUND_PARAMS };

static enum err read_inbound_query(struct arena *arena, const char *query, size_t len,
				   struct param params[INBOUND_PARAMS],
				   const char **why_out)
{
	static const struct param names[INBOUND_PARAMS] = {
		{"text", true}, {"coding"}, {"charset"}, {"id"},       {"from"},
		{"to"},         {"smsc"},   {"at"},      {"udh", true}};
	memcpy(params, names, sizeof(names));
	enum err err = parse_query(arena, query, len, params, INBOUND_PARAMS, why_out);
	return err == ERR_OK ? check_params(arena, params, INBOUND_PARAMS, why_out)
			     : err;
}

enum err callback_parse_inbound(struct arena *arena, const char *query,
				size_t len_bytes, int64_t now_utc_ms,
				struct callback_inbound *inbound_out,
				const char **why_out)
{
	const struct callback_raw nothing = {.text = NULL};
	return callback_parse_posted(
		arena, &(struct callback_post){query, len_bytes, &nothing}, now_utc_ms,
		inbound_out, why_out);
}

/* What stands in the query wins over a header. */
static const char *given_or(const struct param *param, const char *otherwise)
{
	return param->len ? param->bytes : otherwise;
}

enum err callback_parse_posted(struct arena *arena, const struct callback_post *post,
			       int64_t now_utc_ms, struct callback_inbound *inbound_out,
			       const char **why_out)
{
	struct param params[INBOUND_PARAMS];
	const struct callback_raw *headers = post->headers;
	enum err err = read_inbound_query(arena, post->query, post->query_bytes, params,
					  why_out);
	if (err != ERR_OK)
		return err;
	bool is_in_query = params[TEXT].is_given;
	if (!is_in_query && !headers->text) {
		*why_out = "the parameter \"text\" is missing: the payload (%b)";
		return ERR_BAD_REQUEST;
	}
	const struct callback_raw raw = {
		.text = is_in_query ? params[TEXT].bytes : headers->text,
		.text_bytes = is_in_query ? params[TEXT].len : headers->text_bytes,
		.coding = given_or(&params[CODING], headers->coding),
		.charset = given_or(&params[CHARSET], headers->charset),
		.event_id = given_or(&params[ID], headers->event_id),
		.from = given_or(&params[FROM], headers->from),
		.to = given_or(&params[TO], headers->to),
		.smsc = given_or(&params[SMSC], headers->smsc),
		.at = given_or(&params[AT], headers->at),
		.udh = params[UDH].len ? params[UDH].bytes : headers->udh,
		.udh_bytes = params[UDH].len ? params[UDH].len : headers->udh_bytes,
	};
	return callback_from_raw(arena, &raw, now_utc_ms, inbound_out, why_out);
}
