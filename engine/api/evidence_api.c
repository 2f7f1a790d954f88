/* evidence_api.c - /ledger, /audit and /evidence: from JSON to queries and back. */
#include "api/evidence_api.h"

#include "api/api.h"
#include "api/query.h"
#include "core/contacts.h"
#include "core/evidence.h"

enum { WORD_CHARS = 200 };

struct ledger_in {
	const char *subject, *actor, *act, *cursor;
	int64_t from, until, limit;
};

static const struct query_param ledger_params[] = {
	QUERY_STR(struct ledger_in, subject, "subject", WORD_CHARS),
	QUERY_STR(struct ledger_in, actor, "actor", WORD_CHARS),
	QUERY_STR(struct ledger_in, act, "act", WORD_CHARS),
	QUERY_TIME(struct ledger_in, from, "from"),
	QUERY_TIME(struct ledger_in, until, "until"),
	QUERY_LIMIT(struct ledger_in, limit),
	QUERY_CURSOR(struct ledger_in, cursor),
	QUERY_END,
};

static void run_ledger(struct http_request *req, bool is_audit)
{
	struct ledger_list *query = API_CALL(req, struct ledger_list);
	struct ledger_in in;
	if (!query_read(req, ledger_params, &in, sizeof(in)))
		return;
	query->subject = in.subject;
	query->actor = in.actor;
	query->act = in.act;
	query->from = in.from;
	query->until = in.until;
	query->cursor = in.cursor;
	query->limit = (size_t)in.limit;
	query->is_audit = is_audit;
	api_read(req, ledger_list, &query->call);
}

static void ledger_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_ledger(req, false);
}

static void audit_get(struct http_request *req, const struct route *route, void *ctx)
{
	(void)route, (void)ctx;
	run_ledger(req, true);
}

struct evidence_in {
	const char *phone, *cursor;
	int64_t from, until, limit;
};

static const struct query_param evidence_params[] = {
	QUERY_STR(struct evidence_in, phone, "phone", CONTACT_PHONE_CHARS),
	QUERY_TIME(struct evidence_in, from, "from"),
	QUERY_TIME(struct evidence_in, until, "until"),
	QUERY_LIMIT(struct evidence_in, limit),
	QUERY_CURSOR(struct evidence_in, cursor),
	QUERY_END,
};

static void evidence_get_get(struct http_request *req, const struct route *route,
			     void *ctx)
{
	(void)route, (void)ctx;
	struct evidence_get *query = API_CALL(req, struct evidence_get);
	struct evidence_in in;
	if (!query_read(req, evidence_params, &in, sizeof(in)))
		return;
	query->phone = in.phone ? query_phone(http_arena(req), in.phone) : "";
	query->from = in.from;
	query->until = in.until;
	query->cursor = in.cursor;
	query->limit = (size_t)in.limit;
	api_read(req, evidence_get, &query->call);
}

static const struct route rows[] = {
	{HTTP_GET, "/api/v1/ledger", ledger_get, SCOPE_READ | API_ADMIN, "ledger_list"},
	{HTTP_GET, "/api/v1/audit", audit_get, SCOPE_READ | API_ADMIN, "audit_list"},
	{HTTP_GET, "/api/v1/evidence", evidence_get_get, SCOPE_READ | API_ADMIN,
	 "evidence_get"},
};

const struct route_table evidence_routes = {rows, sizeof(rows) / sizeof(rows[0])};
