/* event_api.c - POST /events/{name}: parses and formats only; see core/events.h. GET /events is something else: what
 * happens here, as it happens. */
#include "api/event_api.h"

#include "api/api.h"
#include "api/body.h"
#include "api/problem.h"
#include "api/query.h"
#include "core/contacts.h"
#include "core/events.h"

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

static void event_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct event_take *cmd = API_CALL(req, struct event_take);
	struct event_body body;
	if (!query_none(req) || !body_read(req, &event_shape, &body) ||
	    !names_one(req, body.contact))
		return;
	cmd->name = route_param(req, "name");
	cmd->contact = *body.contact;
	cmd->data = body.data;
	api_write(req, event_take, &cmd->call);
}

static const struct route rows[] = {
	{HTTP_POST, "/api/v1/events/{name}", event_post, SCOPE_ENROLL | API_CREATES,
	 "event_post"},
};

const struct route_table event_routes = {rows, sizeof(rows) / sizeof(*rows)};
