/* flow_help.h - a desk (core_help.h) with people, contacts and workflows, for the tests of enrolling. Each test program
 * includes it once.
 *
 *	flow_publish(desk, "w", "<assign-user id='who'><user login='ana'/></assign-user>");
 *	flow_enroll(desk, "w", 101, "enrolled");
 */
#ifndef HB_TESTS_FLOW_HELP_H
#define HB_TESTS_FLOW_HELP_H

#include "core_help.h"

#include "core/enroll.h"
#include "core/plans.h"
#include "core/workflows.h"
#include "workflow/parse.h"

enum { ANA = 1, BEN = 2, CAI = 3, DOT = 4 };

#define SMS(id)                                                                \
	"<manual-sms id='" id                                                  \
	"' name='Call' expires='3d'><message>Hi {{ contact.first_name }}, {{ " \
	"user.first_name }} here</message></manual-sms>"
#define PEOPLE(id, attributes, list) \
	"<assign-user id='" id "' " attributes ">" list "</assign-user>"

static const struct actor flow_lead __attribute__((unused)) = {.kind = ACTOR_SESSION,
							       .way = WAY_PAGE,
							       .user_id = ANA,
							       .credential_id = 9,
							       .role = ROLE_LEAD,
							       .scopes = SCOPE_ALL,
							       .name = "ana"};

HELP void flow_user(struct desk *desk, unsigned id, const char *login)
{
	desk_sql(desk,
		 "INSERT INTO users (id, login, first_name, last_name, email, role, "
		 "is_active, is_on_shift, created_at, "
		 "revision) VALUES (%u, '%s', '%c%s', '', '', 0, 1, 1, 1, 1)",
		 id, login, login[0] - 32, login + 1);
}

HELP int flow_set_up(void **state)
{
	if (desk_set_up(state) != 0)
		return -1;
	struct desk *desk = *state;
	desk->core.plans = plans_new();
	flow_user(desk, ANA, "ana");
	flow_user(desk, BEN, "ben");
	flow_user(desk, CAI, "cai");
	flow_user(desk, DOT, "dot");
	for (unsigned i = 0; i < 20; i++)
		desk_contact(desk, 101 + i,
			     arena_printf(desk->arena, "+3519120000%02u", i));
	return 0;
}

HELP int flow_tear_down(void **state)
{
	struct desk *desk = *state;
	struct plans *plans = desk->core.plans;
	int rc = desk_tear_down(state);
	plans_free(&plans);
	return rc;
}

HELP char *flow_xml(struct desk *desk, const char *id, const char *settings,
		    const char *steps)
{
	return arena_printf(desk->arena,
			    "<workflow xmlns=\"urn:handbox:workflow:1\" id=\"%s\" "
			    "name=\"The %s\">%s<steps>%s</steps></workflow>",
			    id, id, settings, steps);
}

/* flow_save - through the parser; *cmd stays for the test to look at. */
HELP enum err flow_save(struct desk *desk, const char *id, const char *xml,
			struct workflow_save *cmd)
{
	*cmd = (struct workflow_save){.call = desk_call(desk, &flow_lead), .id = id};
	workflow_report_init(&cmd->report, desk->arena, NULL);
	enum err err = workflow_parse(xml, strlen(xml), NULL, &cmd->plan, &cmd->report);
	if (err != ERR_OK) {
		cmd->plan = NULL;
		return err;
	}
	err = desk_write(desk, workflow_save, &cmd->call);
	plan_unref(&cmd->plan);
	return err;
}

HELP enum err flow_publish_version(struct desk *desk, const char *id, uint32_t version)
{
	struct workflow_publish cmd = {
		.call = desk_call(desk, &flow_lead), .id = id, .version = version};
	return desk_write(desk, workflow_publish, &cmd.call);
}

HELP void flow_publish_with(struct desk *desk, const char *id, const char *settings,
			    const char *steps)
{
	struct workflow_save save;
	enum err err = flow_save(desk, id, flow_xml(desk, id, settings, steps), &save);
	if (err != ERR_OK)
		fail_msg("%s: %s %s", err_code(err), save.call.refusal.detail,
			 save.call.refusal.extra);
	assert_int_equal(flow_publish_version(desk, id, 0), ERR_OK);
}

HELP void flow_publish(struct desk *desk, const char *id, const char *steps)
{
	flow_publish_with(desk, id, "", steps);
}

/* flow_enroll - one contact; the outcome is checked. The enrollment's id, 0 when none is named. */
HELP uint64_t flow_enroll(struct desk *desk, const char *workflow, uint64_t contact,
			  const char *outcome)
{
	struct enroll cmd = {.call = desk_call(desk, &flow_lead),
			     .workflow_id = workflow,
			     .contact_ids = &contact,
			     .count = 1};
	enum err err = desk_write(desk, enroll_contacts, &cmd.call);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_code(err), cmd.call.refusal.detail);
	assert_true(desk_answers(
		&cmd.call, arena_printf(desk->arena, "\"outcome\":\"%s\"", outcome)));
	const char *id = strstr(buf_str(&cmd.call.answer), "\"enrollment\":\"");
	return id ? strtoull(id + strlen("\"enrollment\":\""), NULL, 10) : 0;
}

/* flow_expect - the workflow as JSON has this in it. */
HELP void flow_expect(struct desk *desk, const char *id, const char *part)
{
	struct workflow_get get = {.call = desk_call(desk, &flow_lead), .id = id};
	assert_int_equal(desk_read(desk, workflow_get, &get.call), ERR_OK);
	assert_true(desk_answers(&get.call, part));
}

/* flow_unpublish - all steps of it. */
HELP struct workflow_unpublish flow_unpublish(struct desk *desk, const char *id,
					      enum pending_tasks pending)
{
	struct workflow_unpublish cmd = {
		.call = desk_call(desk, &flow_lead), .id = id, .pending = pending};
	do {
		enum err err = desk_write(desk, workflow_unpublish, &cmd.call);
		if (err != ERR_OK)
			fail_msg("%s", cmd.call.refusal.detail);
	} while (cmd.more);
	return cmd;
}

/* flow_count - rows: "tasks WHERE state = 0". */
HELP int64_t flow_count(struct desk *desk, const char *what)
{
	return desk_number(desk, "SELECT COUNT(*) FROM %s", what);
}

/* flow_owner, flow_assignee - user ids; 0: nobody. The task is the contact's newest. */
HELP int64_t flow_owner(struct desk *desk, unsigned contact)
{
	return desk_number(desk,
			   "SELECT COALESCE(owner_id, 0) FROM contacts WHERE id = %u",
			   contact);
}

HELP int64_t flow_assignee(struct desk *desk, unsigned contact)
{
	return desk_number(desk,
			   "SELECT COALESCE(assignee_id, 0) FROM tasks WHERE "
			   "contact_id = %u ORDER BY id DESC LIMIT 1",
			   contact);
}

/* flow_task_says - the newest task's why has this in it. */
HELP void flow_task_says(struct desk *desk, unsigned contact, const char *part)
{
	if (desk_number(desk,
			"SELECT instr((SELECT why FROM tasks WHERE contact_id = %u "
			"ORDER BY id DESC LIMIT 1), '%s')",
			contact, part) <= 0)
		fail_msg("no '%s' in the why of the task of %u", part, contact);
}

#endif
