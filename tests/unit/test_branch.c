/* test_branch.c - branches of running enrollments: what conditions see, and what the journal keeps of it; and times that are
 * counted in sending hours. The plans are made by hand. */
#include "life_help.h"

#include "core/advance.h"
#include "model/condition.h"
#include "store/contact_rows.h"
#include "store/workflow_rows.h"

#define WHO PEOPLE("who", "", "<user login='ana'/>")

/* A condition and what is expected of it. */
struct ask {
	const char *field;
	enum condition_op op;
	const char *value;
	bool holds;
	const char *seen; /* as JSON */
};

static const struct condition *test_of(struct arena *arena, const struct ask *ask)
{
	const struct condition *condition;
	const char *why = "";
	if (condition_compile(arena, ask->field, ask->op, ask->value, &condition,
			      &why) != ERR_OK)
		fail_msg("%s: %s", ask->field, why);
	return condition;
}

/* <branch><when name="VIP">…<add-tag tag="yes"/></when><otherwise><add-tag tag="no"/></otherwise></branch> */
static struct plan *plan_of(const struct condition *condition)
{
	struct plan *plan = plan_new();
	struct step *steps = ARENA_ARRAY(plan->arena, struct step, 3);
	struct branch_when *when = ARENA_NEW(plan->arena, struct branch_when);
	*when = (struct branch_when){.name = "VIP", .condition = condition, .first = 1};
	steps[0] = (struct step){
		.kind = STEP_BRANCH, .id = "tier", .next = PLAN_END, .parent = -1};
	steps[0].branch =
		(struct step_branch){.whens = when, .when_count = 1, .otherwise = 2};
	steps[1] = (struct step){.kind = STEP_ADD_TAG,
				 .id = "add-tag#1",
				 .next = PLAN_END,
				 .tag = "yes"};
	steps[2] = (struct step){
		.kind = STEP_ADD_TAG, .id = "add-tag#2", .next = PLAN_END, .tag = "no"};
	plan->id = "w";
	plan->steps = steps;
	plan->step_count = 3;
	plan->first = 0;
	return plan;
}

struct walking {
	uint64_t id;
	struct plan *plan;
};

static enum err walk_fn(struct txn *txn, void *arg)
{
	struct walking *walking = arg;
	struct enrollment enrollment;
	struct contact contact;
	enum err err = enrollment_rows_load(txn_db(txn), txn_arena(txn), walking->id,
					    &enrollment);
	if (err == ERR_OK)
		err = contact_rows_load(txn_db(txn), txn_arena(txn),
					enrollment.contact_id, &contact);
	return err == ERR_OK ? advance_start_with(
				       txn, &actor_system, &enrollment,
				       &(struct advance_with){.contact = &contact,
							      .plan = walking->plan})
			     : err;
}

/* The enrollment comes to a branch that asks this; the journal has what was seen. */
static void expect(struct desk *desk, uint64_t id, const struct ask *ask)
{
	struct walking walking = {id, NULL};
	desk_sql(desk, "DELETE FROM contact_tags WHERE tag IN ('yes', 'no')");
	desk_sql(desk, "DELETE FROM journal WHERE kind = 'asked'");
	struct arena *arena = arena_new();
	const struct condition *condition = test_of(arena, ask);
	walking.plan = plan_of(condition);
	assert_int_equal(store_write_now(desk->store, walk_fn, &walking), ERR_OK);
	plan_unref(&walking.plan);
	condition_release(condition);
	arena_free(&arena);
	if (!life_has_tag(desk, 101, ask->holds ? "yes" : "no"))
		fail_msg("%s %s \"%s\" went the other way", ask->field,
			 condition_op_name(ask->op), ask->value);
	const char *part = arena_printf(
		desk->arena, "{\"field\":\"%s\",\"%s\":\"%s\",\"seen\":%s,\"holds\":%s",
		ask->field, condition_op_name(ask->op), ask->value, ask->seen,
		ask->holds ? "true" : "false");
	if (life_journal(desk, id, "asked", part) != 1)
		fail_msg("the journal has no %s", part);
	assert_true(life_journal(desk, id, "branched",
				 ask->holds ? "\"to\":\"VIP\""
					    : "\"to\":\"otherwise\"") > 0);
}

/* An enrollment whose text was answered. */
static uint64_t answered(struct desk *desk)
{
	desk_sql(
		desk,
		"UPDATE contacts SET email = 'rui@example.org', owner_id = 2 WHERE id = 101");
	desk_sql(desk, "INSERT INTO contact_fields VALUES (101, 'spend', '1200.50')");
	desk_sql(desk, "INSERT INTO contact_tags VALUES (101, 'vip', 1)");
	flow_publish(
		desk, "w",
		WHO
		"<manual-sms id='hello' name='Call' expires='3d'><message>Hi</message></manual-sms>"
		"<wait-for-reply id='reply' to='hello'/><wait id='pause' for='9d'/>");
	uint64_t id = flow_enroll(desk, "w", 101, "enrolled");
	uint64_t task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	life_hand_over(desk,
		       life_send(desk, task, life_receipt(desk, &open), "Hi", ERR_OK),
		       MESSAGE_EV_ACCEPTED);
	life_reply(desk, "+351912000000", "Yes please");
	life_stands(desk, id, "pause", "Waits until");
	return id;
}

static void conditions_see_the_world(void **state)
{
	static const struct ask asks[] = {
		{"contact.first_name", CONDITION_IS, "RUI", true, "\"Rui\""},
		{"contact.name", CONDITION_ENDS_WITH, "costa", true, "\"Rui Costa\""},
		{"contact.phone", CONDITION_STARTS_WITH, "+351", true,
		 "\"+351912000000\""},
		{"contact.email", CONDITION_CONTAINS, "@example.org", true,
		 "\"rui@example.org\""},
		{"contact.owner", CONDITION_IS, "ana", true, "\"ana\""},
		{"contact.country", CONDITION_IS_SET, "no", true, "null"},
		{"contact.tag", CONDITION_IS, "vip", true, "\"yes\""},
		{"contact.tag", CONDITION_IS, "cold", false, "\"no\""},
		{"contact.custom.spend", CONDITION_GREATER_THAN, "1000", true,
		 "\"1200.50\""},
		{"contact.custom.none", CONDITION_IS, "x", false, "null"},
		{"contact.created_at", CONDITION_BEFORE, "2000-01-01", true,
		 "\"1970-01-01T00:00:00.001Z\""},
		{"task.hello.outcome", CONDITION_IS, "sent", true, "\"sent\""},
		{"task.other.outcome", CONDITION_IS_SET, "no", true, "null"},
		{"reply.text", CONDITION_STARTS_WITH, "yes", true, "\"Yes please\""},
		{"event.total", CONDITION_IS_SET, "no", true, "null"},
	};
	struct desk *desk = *state;
	uint64_t id = answered(desk);
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		if (strcmp(asks[i].field, "contact.owner") == 0)
			assert_int_equal(flow_owner(desk, 101), ANA);
		expect(desk, id, &asks[i]);
	}
}

static void a_long_value_is_cut_and_a_mismatch_marked(void **state)
{
	struct desk *desk = *state;
	uint64_t id = answered(desk);
	char value[601];
	for (size_t i = 0; i < 300; i++)
		memcpy(&value[2 * i], "é", 2);
	value[600] = '\0';
	desk_sql(desk, "INSERT INTO contact_fields VALUES (101, 'long', '%s')", value);
	const struct ask ask = {"contact.custom.long", CONDITION_GREATER_THAN, "7",
				false, arena_printf(desk->arena, "\"%.200s…\"", value)};
	expect(desk, id, &ask);
	assert_int_equal(life_journal(desk, id, "asked", "\"mismatch\":true"), 1);
}

/* --- sending hours --- */

static int64_t instant(const char *text)
{
	int64_t at;
	assert_int_equal(clock_parse(text, &at), ERR_OK);
	return at;
}

/* One step, in a workflow with office hours where the contact is. */
static struct plan *office_plan(const struct step *step)
{
	struct plan *plan = plan_new();
	struct step *steps = ARENA_ARRAY(plan->arena, struct step, 1);
	const char *why = "";
	steps[0] = *step;
	steps[0].id = "step";
	steps[0].next = PLAN_END;
	steps[0].parent = -1;
	if (hours_parse(plan->arena, "mon-fri 09:00-18:00", &plan->settings.hours,
			&why) != ERR_OK)
		fail_msg("%s", why);
	plan->id = "w";
	plan->steps = steps;
	plan->step_count = 1;
	plan->first = 0;
	return plan;
}

/* What a new enrollment of contact 101 has when it came to that step at that time. */
static int64_t comes_to(struct desk *desk, const struct step *step, const char *at,
			const char *what)
{
	flow_publish_with(desk, "w", "<settings reentry='concurrent'/>",
			  "<wait id='pause' for='9d'/>");
	struct walking walking = {flow_enroll(desk, "w", 101, "enrolled"),
				  office_plan(step)};
	atomic_store(&desk->now_ms, instant(at));
	assert_int_equal(store_write_now(desk->store, walk_fn, &walking), ERR_OK);
	plan_unref(&walking.plan);
	return desk_number(
		desk, "SELECT coalesce(%s, 0) FROM enrollments e WHERE id = %" PRIu64,
		what, walking.id);
}

static void working_time_is_counted_where_the_contact_is(void **state)
{
	static const struct step four = {.kind = STEP_WAIT,
					 .wait = {.kind = WAIT_FOR,
						  .span = {4 * HOUR_MS, true}}},
				 open = {.kind = STEP_WAIT,
					 .wait = {.kind = WAIT_UNTIL_HOURS}},
				 reply = {.kind = STEP_WAIT_FOR_REPLY,
					  .reply = {.to = "hello",
						    .timeout = {4 * HOUR_MS, true},
						    .on_reply = PLAN_NO_EXIT,
						    .on_timeout = PLAN_NO_EXIT}};
	static const struct {
		const struct step *step;
		const char *at, *until; /* NULL: it goes on at once */
	} cases[] = {
		{&four, "2026-11-27T15:00:00Z",
		 "2026-11-30T10:00:00Z"}, /* Friday 16:00 in Madrid: over the weekend */
		{&four, "2026-11-26T08:00:00Z", "2026-11-26T12:00:00Z"},
		{&open, "2026-11-28T12:00:00Z", "2026-11-30T08:00:00Z"},
		{&open, "2026-11-26T08:00:00Z", NULL},
		{&reply, "2026-11-27T15:00:00Z", "2026-11-30T10:00:00Z"},
	};
	struct desk *desk = *state;
	desk_sql(desk, "UPDATE contacts SET timezone = 'Europe/Madrid' WHERE id = 101");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t until = comes_to(desk, cases[i].step, cases[i].at, "e.wake_at");
		assert_int_equal(until, cases[i].until ? instant(cases[i].until) : 0);
		assert_int_equal(flow_count(desk, "enrollments WHERE state = 3"),
				 i < 3 ? 0 : 1);
	}
	assert_int_equal(
		flow_count(
			desk,
			"journal WHERE kind = 'not_waited' AND instr(detail, '\"reason\":\"open\"')"),
		1);
	assert_int_equal(
		flow_count(
			desk,
			"journal WHERE kind = 'waiting' AND instr(detail, 'for 4h working')"),
		2);
}

static void due_and_expires_too(void **state)
{
	static const struct step sms = {.kind = STEP_MANUAL_SMS,
					.sms = {.name = "Call",
						.due = {2 * HOUR_MS, true},
						.expires = {12 * HOUR_MS, true},
						.does_wait = true,
						.exits = {PLAN_NO_EXIT, PLAN_NO_EXIT,
							  PLAN_NO_EXIT, PLAN_NO_EXIT}}};
	struct desk *desk = *state;
	desk_sql(desk, "UPDATE contacts SET timezone = 'Europe/Madrid' WHERE id = 101");
	assert_int_equal(
		comes_to(desk, &sms, "2026-11-27T16:00:00Z",
			 "(SELECT due_at FROM tasks t WHERE t.enrollment_id = e.id)"),
		instant("2026-11-30T08:00:00Z") + HOUR_MS);
	assert_int_equal(desk_number(desk, "SELECT expires_at FROM tasks"),
			 instant("2026-12-01T10:00:00Z"));
}

/* Nobody knows where in the United States: all of its coasts must be open. */
static void an_unknown_zone_is_all_that_are_possible(void **state)
{
	static const struct step open = {.kind = STEP_WAIT,
					 .wait = {.kind = WAIT_UNTIL_HOURS}};
	struct desk *desk = *state;
	desk_sql(desk, "UPDATE contacts SET phone_region = 'US' WHERE id = 101");
	assert_int_equal(comes_to(desk, &open, "2026-11-27T12:00:00Z", "e.wake_at"),
			 instant("2026-11-27T19:00:00Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(conditions_see_the_world),
		LIFE(a_long_value_is_cut_and_a_mismatch_marked),
		LIFE(working_time_is_counted_where_the_contact_is),
		LIFE(due_and_expires_too),
		LIFE(an_unknown_zone_is_all_that_are_possible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
