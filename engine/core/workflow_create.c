/* workflow_create.c - an empty draft with a name: see workflows.h */
#include <string.h>

#include "core/workflow_parts.h"
#include "store/workflow_rows.h"
#include "workflow/write.h"

enum { ID_ROOM = PLAN_ID_MAX - 4 /* for "-999" */, TRIES_MOST = 999 };

/* Letters and digits of ASCII stay, runs of anything else become one dash: "New lead!" gives "new-lead". */
static const char *id_of_name(struct arena *arena, const char *name)
{
	char *id = arena_alloc(arena, ID_ROOM + 1);
	size_t len = 0;
	for (; *name && len < ID_ROOM; name++) {
		char c = *name;
		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && len))
			id[len++] = c;
		else if (len && id[len - 1] != '-')
			id[len++] = '-';
	}
	while (len && id[len - 1] == '-')
		len--;
	id[len] = '\0';
	return len ? id : "workflow";
}

static enum err find_free_id(struct txn *txn, const char *base, const char **id_out)
{
	struct workflow there;
	const char *id = base;
	for (unsigned i = 2; i <= TRIES_MOST; i++) {
		enum err err =
			workflow_rows_load(txn_db(txn), txn_arena(txn), id, &there);
		if (err == ERR_NOT_FOUND) {
			*id_out = id;
			return ERR_OK;
		}
		if (err != ERR_OK)
			return err;
		id = arena_printf(txn_arena(txn), "%s-%u", base, i);
	}
	return ERR_EXISTS;
}

/* The document of an empty workflow, through the one way to a plan: its text and hash are the parser's. It is some
 * hundred bytes, so it may be parsed here. */
static enum err make_plan(struct txn *txn, const char *id, const char *name,
			  struct plan **plan_out, struct workflow_report *report)
{
	struct workflow_options options;
	struct buf xml = BUF_EMPTY;
	struct plan *blank = plan_new();
	blank->id = id;
	blank->name = name;
	blank->first = PLAN_END;
	workflow_write(blank, false, &xml);
	plan_unref(&blank);
	workflow_report_init(report, txn_arena(txn), NULL);
	workflow_parse_options(txn_context(txn), &options);
	enum err err =
		workflow_parse(buf_str(&xml), xml.len, &options, plan_out, report);
	buf_fini(&xml);
	return err;
}

enum err workflow_create(struct txn *txn, void *arg)
{
	struct workflow_create *cmd = arg;
	struct workflow workflow = {.source = WORKFLOW_FROM_API};
	struct workflow_report report;
	struct plan *plan;
	const char *id;
	bool is_changed;
	enum err err = find_free_id(txn, id_of_name(cmd->call.arena, cmd->name), &id);
	if (err == ERR_EXISTS)
		return call_refuse_member(
			&cmd->call, ERR_EXISTS, "name",
			"Too many workflows have that name; choose another.");
	if (err == ERR_OK)
		err = make_plan(txn, id, cmd->name, &plan, &report);
	if (err == ERR_INVALID_WORKFLOW)
		return workflow_refuse(&cmd->call, &report);
	if (err != ERR_OK)
		return err;
	err = workflow_put(txn, cmd->call.actor, plan, &workflow, &is_changed);
	plan_unref(&plan);
	cmd->call.status = 201;
	cmd->call.location = arena_printf(cmd->call.arena, "/api/v1/workflows/%s", id);
	return err == ERR_OK ? workflow_answer(txn_db(txn), txn_context(txn),
					       &cmd->call, &workflow, &report)
			     : err;
}
