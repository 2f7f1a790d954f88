/* event_api.c - POST /events/{name}: parses and formats only; see core/events.h. GET /events is something else: what
 * happens here, as it happens. */
#include "api/event_api.h"

#include <assert.h>

#include "api/api.h"
#include "api/body.h"
#include "api/condition.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/signed.h"
#include "core/contacts.h"
#include "core/event_sources.h"

struct event_body {
	struct event_contact *contact;
	const char *data;
};

static const struct body_field contact_fields[] = {
	BODY_ID(struct event_contact, id, "id", BODY_OPTIONAL),
	BODY_STR(struct event_contact, external_id, "external_id",
		 BODY_FILLED | BODY_LINE, CONTACT_EXTERNAL_ID_CHARS),
	BODY_STR(struct event_contact, phone, "phone", BODY_FILLED | BODY_LINE,
		 CONTACT_PHONE_CHARS),
	BODY_END,
};
static const struct body_shape contact_shape =
	BODY_SHAPE(struct event_contact, contact_fields);

static const struct body_field event_fields[] = {
	BODY_OBJECT(struct event_body, contact, "contact", BODY_REQUIRED,
		    &contact_shape),
	BODY_RAW_OBJECT(struct event_body, data, "data", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape event_shape =
	BODY_SHAPE(struct event_body, event_fields);

static bool names_one(struct http_request *req, const struct event_contact *contact)
{
	const struct problem problem = {
		.err = ERR_BAD_REQUEST,
		.member = "contact",
		.detail = "Name the contact by one of id, external_id and phone."};
	if ((contact->id != 0) + !!contact->external_id + !!contact->phone == 1)
		return true;
	problem_send_all(req, &problem);
	return false;
}

/* A webhook-id is the source's key: what is sent again has one effect. */
static bool read_signed(struct http_request *req, struct event_take *cmd,
			struct event_body *body)
{
	struct api *api = api_of(req);
	const uint64_t source_id = cmd->call.actor->credential_id;
	enum err err =
		condition_parse_key(http_arena(req), http_header(req, "webhook-id"),
				    &cmd->call.idempotency_key);
	assert(err == ERR_OK); /* the gate has looked */
	if (body_read(req, &event_shape, body) && names_one(req, body->contact))
		return true;
	signed_refused(api, source_id, ERR_BAD_REQUEST,
		       "The body is not {\"contact\": {\"id\" | \"external_id\" | "
		       "\"phone\": …}, \"data\": {…}}; the answer named the member.");
	return false;
}

struct event_query {
	uint64_t source;
};

static const struct query_param event_params[] = {
	QUERY_ID(struct event_query, source, "source"),
	QUERY_END,
};

static bool read_unsigned(struct http_request *req, struct event_body *body)
{
	const struct problem problem = {
		.err = ERR_BAD_REQUEST,
		.member = "source",
		.detail = "An event source signs: source goes with the header "
			  "webhook-signature, and not with a token."};
	struct event_query query;
	if (!query_read(req, event_params, &query, sizeof(query)))
		return false;
	if (!query.source)
		return body_read(req, &event_shape, body) &&
		       names_one(req, body->contact);
	problem_send_all(req, &problem);
	return false;
}

static void event_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct event_take *cmd = API_CALL(req, struct event_take);
	struct event_body body;
	bool is_signed = cmd->call.actor->kind == ACTOR_EVENT_SOURCE;
	if (is_signed ? !read_signed(req, cmd, &body) : !read_unsigned(req, &body))
		return;
	cmd->name = route_param(req, "name");
	cmd->contact = *body.contact;
	cmd->data = body.data;
	api_write(req, is_signed ? event_take_signed : event_take, &cmd->call);
}

static const struct route rows[] = {
	{HTTP_POST, "/api/v1/events/{name}", event_post,
	 SCOPE_ENROLL | API_CREATES | API_SIGNED, "event_post"},
};

const struct route_table event_routes = {rows, sizeof(rows) / sizeof(*rows)};
