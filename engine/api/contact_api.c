/* contact_api.c - /contacts: from JSON to commands and back. What may happen is decided
 * in core/contact_*.c. */
#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "api/condition.h"
#include "api/contact_api.h"
#include "api/problem.h"
#include "api/query.h"
#include "core/consent.h"
#include "core/contacts.h"

/* --- bodies --- */

struct contact_body {
	const char *external_id, *first_name, *last_name, *phone, *email, *country,
		*timezone;
	struct who owner;
	struct body_strs tags;
	struct body_map custom;
	bool sms_enabled, test;
	struct body_seen seen;
};

#define LINE (BODY_NULL | BODY_LINE)

static const struct body_field contact_fields[] = {
	BODY_STR(struct contact_body, external_id, "external_id", LINE,
		 CONTACT_EXTERNAL_ID_CHARS),
	BODY_STR(struct contact_body, first_name, "first_name", LINE,
		 CONTACT_NAME_CHARS),
	BODY_STR(struct contact_body, last_name, "last_name", LINE, CONTACT_NAME_CHARS),
	BODY_STR(struct contact_body, phone, "phone", LINE, CONTACT_PHONE_CHARS),
	BODY_STR(struct contact_body, email, "email", LINE, CONTACT_EMAIL_CHARS),
	BODY_STR(struct contact_body, country, "country", LINE, CONTACT_NAME_CHARS),
	BODY_STR(struct contact_body, timezone, "timezone", LINE, CONTACT_NAME_CHARS),
	BODY_WHO(struct contact_body, owner, "owner", BODY_NULL),
	BODY_STR_LIST(struct contact_body, tags, "tags", BODY_NULL, CONTACT_TAGS_MOST,
		      CONTACT_NAME_CHARS),
	BODY_STR_MAP(struct contact_body, custom, "custom", BODY_NULL,
		     CONTACT_FIELDS_MOST, CONTACT_FIELD_CHARS),
	BODY_BOOL(struct contact_body, sms_enabled, "sms_enabled", BODY_OPTIONAL),
	BODY_BOOL(struct contact_body, test, "test", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape contact_shape =
	BODY_SHAPE_SEEN(struct contact_body, seen, contact_fields);

static const struct {
	const char *name;
	enum contact_member bit;
} members[] = {
	{"external_id", CONTACT_EXTERNAL_ID},
	{"first_name", CONTACT_FIRST_NAME},
	{"last_name", CONTACT_LAST_NAME},
	{"phone", CONTACT_PHONE},
	{"email", CONTACT_EMAIL},
	{"country", CONTACT_COUNTRY},
	{"timezone", CONTACT_TIMEZONE},
	{"owner", CONTACT_OWNER},
	{"tags", CONTACT_TAGS},
	{"custom", CONTACT_FIELDS},
	{"sms_enabled", CONTACT_SMS_ENABLED},
	{"test", CONTACT_TEST},
};

static const struct contact_field *fields_of(struct arena *arena,
					     const struct body_map *map)
{
	struct contact_field *fields =
		ARENA_ARRAY(arena, struct contact_field, map->count + 1);
	for (size_t i = 0; i < map->count; i++)
		fields[i] = (struct contact_field){.name = map->items[i].name,
						   .value = map->items[i].value};
	return fields;
}

/* false: it has been answered. */
static bool read_contact(struct http_request *req, struct contact_in *in_out)
{
	struct contact_body body;
	if (!body_read(req, &contact_shape, &body))
		return false;
	*in_out =
		(struct contact_in){.external_id = body.external_id,
				    .first_name = body.first_name,
				    .last_name = body.last_name,
				    .phone = body.phone,
				    .email = body.email,
				    .country = body.country,
				    .timezone = body.timezone,
				    .owner = body.owner,
				    .tags = body.tags.items,
				    .tag_count = body.tags.count,
				    .fields = fields_of(http_arena(req), &body.custom),
				    .field_count = body.custom.count,
				    .clears_fields = body_is_null(&body.seen, "custom"),
				    .sms_enabled = body.sms_enabled,
				    .is_test = body.test};
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (body_given(&body.seen, members[i].name))
			in_out->given |= members[i].bit;
	return true;
}

/* --- answers with an ETag --- */

/* --- /contacts --- */

struct list_query {
	const char *q, *tag, *phone, *external_id, *cursor;
	struct who owner;
	int opted_out, test;
	int64_t limit;
};

static const struct query_param list_params[] = {
	QUERY_STR(struct list_query, q, "q", CONTACT_NAME_CHARS),
	QUERY_STR(struct list_query, tag, "tag", CONTACT_TAG_CHARS),
	QUERY_WHO(struct list_query, owner, "owner"),
	QUERY_STR(struct list_query, phone, "phone", CONTACT_PHONE_CHARS),
	QUERY_STR(struct list_query, external_id, "external_id",
		  CONTACT_EXTERNAL_ID_CHARS),
	QUERY_TRI(struct list_query, opted_out, "opted_out"),
	QUERY_TRI(struct list_query, test, "test"),
	QUERY_LIMIT(struct list_query, limit),
	QUERY_CURSOR(struct list_query, cursor),
	QUERY_END,
};

static void list_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_list *list = API_CALL(req, struct contact_list);
	struct list_query query;
	if (!query_read(req, list_params, &query, sizeof(query)))
		return;
	list->q = query.q;
	list->tag = query.tag;
	list->phone = query_phone(http_arena(req), query.phone);
	list->external_id = query.external_id;
	list->owner = query.owner;
	list->opted_out = query.opted_out;
	list->test = query.test;
	list->cursor = query.cursor;
	list->limit = (size_t)query.limit;
	api_read(req, contact_list, &list->call);
}

struct create_query {
	int upsert;
	bool shared, import;
};

static const char *const upsert_names[] = {"external_id", "phone", NULL};
static const struct query_param create_params[] = {
	QUERY_ENUM(struct create_query, upsert, "upsert", upsert_names, -1),
	QUERY_BOOL(struct create_query, shared, "shared"),
	QUERY_BOOL(struct create_query, import, "import"),
	QUERY_END,
};

static void list_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_create *create = API_CALL(req, struct contact_create);
	struct create_query query;
	if (!query_read(req, create_params, &query, sizeof(query)) ||
	    !read_contact(req, &create->in))
		return;
	create->upsert = (enum contact_upsert)(query.upsert + 1);
	create->shared = query.shared;
	create->is_import = query.import;
	if (create->upsert == CONTACT_UPSERT_PHONE && create->shared) {
		problem_send_all(
			req, &(struct problem){.err = ERR_BAD_REQUEST,
					       .member = "shared",
					       .detail = "upsert=phone changes the "
							 "contact that has the number, "
							 "shared=1 makes a second one; "
							 "ask for one of them."});
		return;
	}
	api_write(req, contact_create, &create->call);
}

/* --- /contacts/{id} --- */

static void one_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_get *get = API_CALL(req, struct contact_get);
	if (!query_none(req) || !api_param_id(req, "id", &get->id))
		return;
	api_read(req, contact_get, &get->call);
}

struct patch_query {
	bool shared;
};

static const struct query_param patch_params[] = {
	QUERY_BOOL(struct patch_query, shared, "shared"),
	QUERY_END,
};

static void one_patch(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_patch *patch = API_CALL(req, struct contact_patch);
	struct if_match *match = ARENA_NEW(http_arena(req), struct if_match);
	struct patch_query query;
	if (!query_read(req, patch_params, &query, sizeof(query)) ||
	    !api_param_id(req, "id", &patch->id) || !condition_match(req, match) ||
	    !read_contact(req, &patch->in))
		return;
	patch->shared = query.shared;
	patch->has_match = match->is_given && !match->is_any;
	patch->match = match->tags;
	patch->match_count = match->count;
	api_write(req, contact_patch, &patch->call);
}

static void one_delete(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_delete *cmd = API_CALL(req, struct contact_delete);
	if (!query_none(req) || !api_param_id(req, "id", &cmd->id))
		return;
	api_write(req, contact_delete, &cmd->call);
}

/* --- /contacts/{id}/tags/{tag} --- */

static void change_tag(struct http_request *req, store_write_fn *write)
{
	struct contact_tag *cmd = API_CALL(req, struct contact_tag);
	if (!query_none(req) || !api_param_id(req, "id", &cmd->id))
		return;
	cmd->tag = route_param(req, "tag");
	api_write(req, write, &cmd->call);
}

static void tag_put(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	change_tag(req, contact_tag);
}

static void tag_delete(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	change_tag(req, contact_untag);
}

/* --- /contacts/{id}/opt-out, /opt-in --- */

struct consent_body {
	const char *reason, *evidence;
};

static const struct body_field opt_out_fields[] = {
	BODY_STR(struct consent_body, reason, "reason",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, CONSENT_REASON_CHARS),
	BODY_END,
};
static const struct body_field opt_in_fields[] = {
	BODY_STR(struct consent_body, reason, "reason", BODY_NULL | BODY_LINE,
		 CONSENT_REASON_CHARS),
	BODY_STR(struct consent_body, evidence, "evidence", BODY_REQUIRED | BODY_FILLED,
		 CONSENT_EVIDENCE_CHARS),
	BODY_END,
};
static const struct body_shape opt_out_shape =
	BODY_SHAPE(struct consent_body, opt_out_fields);
static const struct body_shape opt_in_shape =
	BODY_SHAPE(struct consent_body, opt_in_fields);

static void change_consent(struct http_request *req, const struct body_shape *shape,
			   store_write_fn *write)
{
	struct contact_consent *cmd = API_CALL(req, struct contact_consent);
	struct consent_body body;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->id) ||
	    !body_read(req, shape, &body))
		return;
	cmd->reason = body.reason;
	cmd->evidence = body.evidence;
	api_write(req, write, &cmd->call);
}

static void opt_out_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	change_consent(req, &opt_out_shape, contact_opt_out);
}

static void opt_in_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	change_consent(req, &opt_in_shape, contact_opt_in);
}

/* --- /contacts/{id}/consent --- */

struct classify_body {
	uint64_t inbound;
	int verdict;
};

static const char *const verdict_words[] = {"stop", "not_stop", NULL};
static const struct body_field classify_fields[] = {
	BODY_ID(struct classify_body, inbound, "inbound", BODY_REQUIRED),
	BODY_ENUM(struct classify_body, verdict, "verdict", BODY_REQUIRED,
		  verdict_words),
	BODY_END,
};
static const struct body_shape classify_shape =
	BODY_SHAPE(struct classify_body, classify_fields);

static void consent_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_classify *cmd = API_CALL(req, struct contact_classify);
	struct classify_body body;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->id) ||
	    !body_read(req, &classify_shape, &body))
		return;
	cmd->inbound_id = body.inbound;
	cmd->is_stop = body.verdict == 0;
	api_write(req, contact_classify, &cmd->call);
}

/* --- /contacts/{id}/erase --- */

struct erase_body {
	const char *reason;
};

static const struct body_field erase_fields[] = {
	BODY_STR(struct erase_body, reason, "reason",
		 BODY_REQUIRED | BODY_FILLED | BODY_LINE, CONSENT_REASON_CHARS),
	BODY_END,
};
static const struct body_shape erase_shape =
	BODY_SHAPE(struct erase_body, erase_fields);

static void erase_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_erase *cmd = API_CALL(req, struct contact_erase);
	struct erase_body body;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->id) ||
	    !body_read(req, &erase_shape, &body))
		return;
	cmd->reason = body.reason;
	api_write(req, contact_erase, &cmd->call);
}

/* --- /contacts/{id}/merge --- */

struct merge_body {
	uint64_t into;
	const char *reason;
	bool dry_run;
};

static const struct body_field merge_fields[] = {
	BODY_ID(struct merge_body, into, "into", BODY_REQUIRED),
	BODY_STR(struct merge_body, reason, "reason", BODY_NULL | BODY_LINE,
		 CONSENT_REASON_CHARS),
	BODY_BOOL(struct merge_body, dry_run, "dry_run", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape merge_shape =
	BODY_SHAPE(struct merge_body, merge_fields);

static void merge_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_merge *cmd = API_CALL(req, struct contact_merge);
	struct merge_body body;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->id) ||
	    !body_read(req, &merge_shape, &body))
		return;
	cmd->into_id = body.into;
	cmd->reason = body.reason;
	cmd->dry_run = body.dry_run;
	api_write(req, contact_merge, &cmd->call);
}

/* --- /contacts/{id}/reset --- */

struct reset_body {
	bool owner, tags, custom;
};

static const struct body_field reset_fields[] = {
	BODY_BOOL(struct reset_body, owner, "owner", BODY_OPTIONAL),
	BODY_BOOL(struct reset_body, tags, "tags", BODY_OPTIONAL),
	BODY_BOOL(struct reset_body, custom, "custom", BODY_OPTIONAL),
	BODY_END,
};
static const struct body_shape reset_shape =
	BODY_SHAPE(struct reset_body, reset_fields);

static void reset_post(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	struct contact_reset *cmd = API_CALL(req, struct contact_reset);
	struct reset_body body;
	if (!query_none(req) || !api_param_id(req, "id", &cmd->id) ||
	    !body_read(req, &reset_shape, &body))
		return;
	cmd->owner = body.owner;
	cmd->tags = body.tags;
	cmd->custom = body.custom;
	api_write(req, contact_reset, &cmd->call);
}

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/contacts", list_get, SCOPE_READ, "contact_list"},
	{HTTP_POST, "/api/v1/contacts", list_post, SCOPE_CONTACTS | API_CREATES,
	 "contact_create"},
	{HTTP_GET, "/api/v1/contacts/{id}", one_get, SCOPE_READ, "contact_get"},
	{HTTP_PATCH, "/api/v1/contacts/{id}", one_patch, SCOPE_CONTACTS,
	 "contact_patch"},
	{HTTP_DELETE, "/api/v1/contacts/{id}", one_delete, SCOPE_CONTACTS,
	 "contact_delete"},
	{HTTP_PUT, "/api/v1/contacts/{id}/tags/{tag}", tag_put, SCOPE_CONTACTS,
	 "contact_tag"},
	{HTTP_DELETE, "/api/v1/contacts/{id}/tags/{tag}", tag_delete, SCOPE_CONTACTS,
	 "contact_untag"},
	{HTTP_POST, "/api/v1/contacts/{id}/opt-out", opt_out_post, SCOPE_CONTACTS,
	 "contact_opt_out"},
	{HTTP_POST, "/api/v1/contacts/{id}/opt-in", opt_in_post,
	 SCOPE_CONTACTS | API_HUMAN, "contact_opt_in"},
	{HTTP_POST, "/api/v1/contacts/{id}/consent", consent_post,
	 SCOPE_CONTACTS | API_HUMAN, "contact_consent"},
	{HTTP_POST, "/api/v1/contacts/{id}/erase", erase_post,
	 SCOPE_CONTACTS | API_ADMIN, "contact_erase"},
	{HTTP_POST, "/api/v1/contacts/{id}/merge", merge_post,
	 SCOPE_CONTACTS | API_LEAD, "contact_merge"},
	{HTTP_POST, "/api/v1/contacts/{id}/reset", reset_post,
	 SCOPE_CONTACTS | API_HUMAN, "contact_reset"},
};

const struct route_table contact_routes = {rows, sizeof(rows) / sizeof(*rows)};
