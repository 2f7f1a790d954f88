/* kannel_api.c - see kannel_api.h */
#include "api/kannel_api.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/problem.h"
#include "api/query.h"
#include "base/log.h"
#include "core/messages.h"
#include "core/status.h"
#include "plugin/callback.h"
#include "plugin/gateway.h"

/* --- the door ------------------------------------------------------------------------------------------------------------ */

static bool parse_address(const char *text, size_t len, unsigned char bytes[16],
			  unsigned *bits_out)
{
	char copy[64];
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1) {
		*bits_out = 32;
		return true;
	}
	*bits_out = 128;
	return inet_pton(AF_INET6, copy, bytes) == 1;
}

static bool parse_rule(const char *rule, unsigned char net[16], unsigned *bits_out,
		       unsigned *prefix_out)
{
	const char *slash = strchr(rule, '/');
	if (!parse_address(rule, slash ? (size_t)(slash - rule) : strlen(rule), net,
			   bits_out))
		return false;
	*prefix_out = *bits_out;
	if (!slash)
		return true;
	size_t digits = strspn(slash + 1, "0123456789");
	*prefix_out = (unsigned)strtoul(slash + 1, NULL, 10);
	return digits && digits <= 3 && !slash[1 + digits] && *prefix_out <= *bits_out;
}

bool kannel_rule_is_valid(const char *rule)
{
	unsigned char net[16];
	unsigned bits, prefix;
	return parse_rule(rule, net, &bits, &prefix);
}

static bool matches(const char *rule, const unsigned char *address, unsigned bits)
{
	unsigned char net[16];
	unsigned net_bits, prefix;
	if (!parse_rule(rule, net, &net_bits, &prefix) || net_bits != bits ||
	    memcmp(net, address, prefix / 8) != 0)
		return false;
	unsigned rest = prefix % 8;
	return !rest || ((net[prefix / 8] ^ address[prefix / 8]) >> (8 - rest)) == 0;
}

bool kannel_door_allows(const struct kannel_door *door, const char *remote)
{
	unsigned char address[16];
	unsigned bits;
	if (!parse_address(remote, strlen(remote), address, &bits))
		return false;
	for (const char *const *rule = door->allow_ips; rule && *rule; rule++)
		if (matches(*rule, address, bits))
			return true;
	return false;
}

/* Somebody in between could be anybody: only a proxy that the operator named may say for whom it asks. */
static bool is_let_in(struct http_request *req, struct kannel_port *port)
{
	const char *remote = http_remote(req),
		   *forwarded = http_header(req, "X-Forwarded-For");
	bool is_forwarded = forwarded || http_header(req, "Forwarded") ||
			    http_header(req, "X-Real-IP");
	const char *secret = route_param(req, "secret"),
		   *ours = port->api->kannel_secret;
	if (is_forwarded) {
		const char *last = forwarded ? strrchr(forwarded, ',') : NULL;
		if (!port->door.trusted_proxy ||
		    strcmp(remote, port->door.trusted_proxy) != 0 || !forwarded)
			return false;
		remote = last ? last + 1 + strspn(last + 1, " ") : forwarded;
	}
	return kannel_door_allows(&port->door, remote) &&
	       strlen(secret) == strlen(ours) &&
	       sodium_memcmp(secret, ours, strlen(ours)) == 0;
}

static bool enter(struct http_request *req, struct kannel_port *port)
{
	if (is_let_in(req, port))
		return true;
	port->refused++;
	log_warn("kannel",
		 "callback refused from=%s path=%.16s…: address not in "
		 "kannel-allow-ip, or the secret is wrong",
		 http_remote(req), http_raw_path(req));
	problem_send(req, ERR_NOT_FOUND, NULL);
	return false;
}

/* --- callbacks ----------------------------------------------------------------------------------------------------------- */

struct callback {
	union {
		struct call call; /* each begins with it */
		struct report_apply report;
		struct inbound_take inbound;
	};
	struct http_request *req;
	struct kannel_port *port;
};

static struct callback *callback_new(struct http_request *req, struct kannel_port *port)
{
	struct callback *callback = ARENA_NEW(http_arena(req), struct callback);
	callback->req = req;
	callback->port = port;
	callback->call.actor = &actor_system;
	callback->call.arena = http_arena(req);
	return callback;
}

/* Anything but 200 makes smsbox keep the event and come again. */
static void finish(struct callback *callback, enum err err)
{
	if (err == ERR_OK)
		http_respond(callback->req, 200, NULL, NULL);
	else
		problem_send(callback->req, err, NULL);
}

static void report_done(void *arg, enum err err)
{
	struct callback *callback = arg;
	callback->port->reports++;
	if (err == ERR_OK && callback->report.is_unknown) {
		callback->port->reports_unknown++;
		log_info("kannel", "report for no text of ours id=%llu",
			 (unsigned long long)callback->report.id);
	}
	callback->port->reports_repeated +=
		err == ERR_OK && callback->report.is_repeated;
	finish(callback, err);
}

static void inbound_done(void *arg, enum err err)
{
	struct callback *callback = arg;
	callback->port->inbound++;
	callback->port->inbound_repeated +=
		err == ERR_OK && callback->inbound.is_repeated;
	finish(callback, err);
}

static void report_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	struct kannel_port *port = ctx;
	struct callback_report in;
	const char *why = NULL, *query = http_query(req) ? http_query(req) : "";
	if (!enter(req, port))
		return;
	enum err err =
		callback_parse_report(http_arena(req), query, strlen(query), &in, &why);
	if (err != ERR_OK) {
		log_warn("kannel", "report cannot be read: %s",
			 why ? why : err_title(err));
		problem_send(req, err, why);
		return;
	}
	struct callback *callback = callback_new(req, port);
	callback->report.id = in.id;
	callback->report.kind = in.kind;
	callback->report.detail = in.detail;
	/* without an id of its own an event is told apart by what it says */
	callback->report.event_id =
		*in.event_id
			? in.event_id
			: arena_printf(http_arena(req), "%u %s", in.kind, in.detail);
	err = store_write_patient(port->api->store, report_apply, report_done,
				  callback);
	if (err != ERR_OK)
		finish(callback, err);
}

static const char *charset_of(struct http_request *req)
{
	const char *type = http_header(req, "Content-Type");
	const char *at = type ? strstr(type, "charset=") : NULL;
	if (!at)
		return NULL;
	at += strlen("charset=");
	at += *at == '"';
	return arena_strndup(http_arena(req), at, strcspn(at, "\"; "));
}

/* Without a coding of its own the body's type tells: smsbox posts eight-bit data as octets. */
static const char *coding_of(struct http_request *req)
{
	const char *coding = http_header(req, "X-Kannel-Coding"),
		   *type = http_header(req, "Content-Type");
	if (coding || !type)
		return coding;
	return strncasecmp(type, "application/octet-stream", 24) == 0 ? "1" : NULL;
}

/* A post-url service brings the text as its body; smsbox posts nothing but text and octets. */
static enum err parse_posted(struct http_request *req, const char *query, int64_t now,
			     struct callback_inbound *in, const char **why)
{
	const char *udh = http_header(req, "X-Kannel-UDH");
	struct callback_raw raw = {
		.text = http_body(req),
		.text_bytes = http_body_len(req),
		.coding = coding_of(req),
		.charset = charset_of(req),
		.event_id = http_header(req, "X-Kannel-ID"),
		.from = http_header(req, "X-Kannel-From"),
		.to = http_header(req, "X-Kannel-To"),
		.smsc = http_header(req, "X-Kannel-SMSC"),
		.at = http_header(req, "X-Kannel-Time"),
	};
	if (udh &&
	    !callback_read_header(http_arena(req), udh, &raw.udh, &raw.udh_bytes)) {
		*why = "the header X-Kannel-UDH is neither hexadecimal nor "
		       "percent-encoded";
		return ERR_BAD_REQUEST;
	}
	if (!raw.text)
		raw.text = "";
	const struct callback_post post = {query, strlen(query), &raw};
	return callback_parse_posted(http_arena(req), &post, now, in, why);
}

/* What is no text for a person is kept as a line that says so: refusing it would only bring it again. */
static const char *text_of(struct arena *arena, const struct callback_inbound *in)
{
	return in->is_binary ? arena_printf(arena, "[binary message, %zu byte%s]",
					    in->bytes.len_bytes,
					    in->bytes.len_bytes == 1 ? "" : "s")
			     : in->text;
}

static void inbound_any(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	struct kannel_port *port = ctx;
	struct callback_inbound in;
	const char *why = NULL, *query = http_query(req) ? http_query(req) : "";
	int64_t now = clock_now_ms(port->api->clock);
	if (!enter(req, port))
		return;
	enum err err = http_method(req) == HTTP_POST
			       ? parse_posted(req, query, now, &in, &why)
			       : callback_parse_inbound(http_arena(req), query,
							strlen(query), now, &in, &why);
	if (err != ERR_OK) {
		log_warn("kannel", "inbound text cannot be read: %s",
			 why ? why : err_title(err));
		problem_send(req, err, why);
		return;
	}
	struct callback *callback = callback_new(req, port);
	callback->inbound.event_id = in.event_id;
	callback->inbound.from = in.from;
	callback->inbound.to = in.to;
	callback->inbound.smsc = in.smsc;
	callback->inbound.text = text_of(http_arena(req), &in);
	callback->inbound.is_binary = in.is_binary;
	callback->inbound.bytes = in.bytes;
	callback->inbound.part.ref = in.part.ref;
	callback->inbound.part.total = in.part.total;
	callback->inbound.part.number = in.part.number;
	callback->inbound.at = in.at_utc_ms;
	err = store_write_patient(port->api->store, inbound_take, inbound_done,
				  callback);
	if (err != ERR_OK)
		finish(callback, err);
}

static const struct route door_rows[] = {
	{HTTP_GET, "/kannel/report/{secret}", report_get, 0, "kannel_report"},
	{HTTP_GET, "/kannel/inbound/{secret}", inbound_any, 0, "kannel_inbound"},
	{HTTP_POST, "/kannel/inbound/{secret}", inbound_any, 0, "kannel_inbound_post"},
};

const struct route_table kannel_routes = {door_rows,
					  sizeof(door_rows) / sizeof(door_rows[0])};

/* --- status -------------------------------------------------------------------------------------------------------------- */

struct status_query {
	struct gateway_counts counts;
	struct http_request *req;
};

static void write_gateway(struct json *json, struct gateway *gateway, int64_t now_mono)
{
	struct gateway_status status;
	gateway_status(gateway, &status);
	json_key_bool(json, "reachable", status.reachable);
	json_key_str(json, "circuit",
		     status.circuit == GATEWAY_CLOSED ? "closed" : "probing");
	json_key_str(json, "reason", status.reason);
	json_key_str(json, "last_answer", status.last_answer);
	json_key(json, "last_answer_age_ms");
	if (status.last_answer_mono_ms)
		json_int(json, now_mono - status.last_answer_mono_ms);
	else
		json_null(json);
	json_key_int(json, "in_flight", status.in_flight);
	json_key_int(json, "connections", status.connections_most);
	json_key(json, "rate");
	if (status.rate_per_s)
		json_int(json, status.rate_per_s);
	else
		json_null(json);
	json_key(json, "outcomes");
	json_object(json);
	for (unsigned i = 0; i < GATEWAY_OUTCOMES; i++)
		json_key_int(json, gateway_outcome_name((enum gateway_outcome)i),
			     (int64_t)status.outcomes[i]);
	json_end_object(json);
}

/* Ours, with what waits for the rate of each. */
static void write_senders(struct json *json, const struct gateway_counts *counts)
{
	json_key(json, "senders");
	json_array(json);
	for (size_t i = 0; i < counts->policy->sender_count; i++) {
		const struct sender *sender = &counts->policy->senders[i];
		json_object(json);
		json_key_str(json, "number", sender->number);
		json_key_str(json, "smsc", sender->smsc);
		json_key(json, "rate");
		if (sender->rate_per_s)
			json_int(json, sender->rate_per_s);
		else
			json_null(json);
		json_key_int(json, "waiting", counts->of_sender[i]);
		json_end_object(json);
	}
	json_end_array(json);
}

static void status_done(void *arg, enum err err)
{
	struct status_query *query = arg;
	struct api *api = api_of(query->req);
	struct buf body = BUF_EMPTY;
	struct json json;
	if (err != ERR_OK) {
		problem_send(query->req, err, NULL);
		return;
	}
	json_init(&json, &body);
	json_object(&json);
	if (api->gateway)
		write_gateway(&json, api->gateway, clock_mono_ms());
	else
		json_key_bool(&json, "reachable", false);
	json_key_int(&json, "outbox", query->counts.waiting);
	json_key_int(&json, "handing_over", query->counts.handing_over);
	json_key_int(&json, "uncertain", query->counts.uncertain);
	write_senders(&json, &query->counts);
	json_key_bool(&json, "sms_enabled", query->counts.channel_enabled);
	json_end_object(&json);
	http_respond(query->req, 200, HTTP_JSON, &body);
}

static void status_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route;
	struct api *api = ctx;
	struct status_query *query = ARENA_NEW(http_arena(req), struct status_query);
	query->req = req;
	if (!query_none(req))
		return;
	enum err err = store_read(api->store, gateway_counts, status_done, query);
	if (err != ERR_OK)
		problem_send(req, err, NULL);
}

static const struct route status_rows[] = {
	{HTTP_GET, "/api/v1/kannel/status", status_get, SCOPE_READ, "kannel_status"},
};

const struct route_table kannel_status_routes = {status_rows, 1};
