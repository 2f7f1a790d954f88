/* test_workflow_core.c - saving, versions, publishing, taking back; plans and texts. */
#include "flow_help.h"

#include "core/render.h"
#include "store/contact_rows.h"
#include "store/workflow_rows.h"

#define WHO PEOPLE("who", "", "<user login='ana'/>")

static const char *get_xml(struct desk *desk, const char *id, uint32_t version)
{
	struct workflow_get get = {.call = desk_call(desk, &flow_lead),
				   .id = id,
				   .wants_xml = true,
				   .version = version};
	assert_int_equal(desk_read(desk, workflow_get, &get.call), ERR_OK);
	return buf_str(&get.call.answer);
}

/* --- saving --- */

static void test_each_differing_save_is_a_version(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	const char *one = flow_xml(desk, "w", "", WHO SMS("hello")),
		   *two = flow_xml(desk, "w", "", WHO SMS("other"));
	assert_int_equal(flow_save(desk, "w", one, &save), ERR_OK);
	assert_int_equal(save.call.status, 201);
	assert_string_equal(save.call.location, "/api/v1/workflows/w");
	assert_true(desk_answers(&save.call,
				 "\"source\":\"api\",\"file\":null,\"state\":\"draft\","
				 "\"draft_version\":1,\"published_version\":null"));
	assert_int_equal(flow_save(desk, "w", one, &save), ERR_OK);
	assert_int_equal(save.call.status, 0);
	assert_int_equal(flow_count(desk, "workflow_versions"), 1);
	assert_int_equal(save.call.revision, 1);
	assert_int_equal(flow_save(desk, "w", two, &save), ERR_OK);
	assert_true(desk_answers(&save.call, "\"draft_version\":2"));
	assert_int_equal(save.call.revision, 2);
	assert_non_null(strstr(get_xml(desk, "w", 1), "id=\"hello\""));
	assert_non_null(strstr(get_xml(desk, "w", 0), "id=\"other\""));
	assert_int_equal(flow_save(desk, NULL, one, &save), ERR_EXISTS);
	assert_int_equal(flow_count(desk, "workflow_versions"), 2);
}

static void test_bad_ones_are_refused_whole(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	assert_int_equal(flow_save(desk, NULL,
				   flow_xml(desk, "w", "",
					    PEOPLE("who", "", "<user login='eve'/>")),
				   &save),
			 ERR_INVALID_WORKFLOW);
	assert_non_null(strstr(save.call.refusal.extra, "\"code\":\"unknown_user\""));
	assert_non_null(strstr(save.call.refusal.extra, "\"line\":1"));
	assert_int_equal(flow_save(desk, "v", flow_xml(desk, "w", "", WHO), &save),
			 ERR_INVALID_WORKFLOW);
	assert_non_null(strstr(save.call.refusal.extra, "\"code\":\"other_id\""));
	assert_int_equal(flow_count(desk, "workflows"), 0);
	assert_int_equal(flow_count(desk, "workflow_versions"), 0);
}

static void test_match(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	static const char *const stale[] = {"7"}, *const right[] = {"7", "1"};
	flow_publish(desk, "v", WHO);
	assert_int_equal(flow_save(desk, "w", flow_xml(desk, "w", "", WHO), &save),
			 ERR_OK);
	save = (struct workflow_save){
		.call = desk_call(desk, &flow_lead),
		.id = "w",
		.match = {.tags = stale, .count = 1, .is_given = true}};
	workflow_report_init(&save.report, desk->arena, NULL);
	const char *xml = flow_xml(desk, "w", "", WHO SMS("hello"));
	assert_int_equal(
		workflow_parse(xml, strlen(xml), NULL, &save.plan, &save.report),
		ERR_OK);
	assert_int_equal(desk_write(desk, workflow_save, &save.call), ERR_PRECONDITION);
	save.call = desk_call(desk, &flow_lead);
	save.match.tags = right;
	save.match.count = 2;
	assert_int_equal(desk_write(desk, workflow_save, &save.call), ERR_OK);
	plan_unref(&save.plan);
}

static void test_publish_attribute_is_ignored(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	const char *xml = "<workflow xmlns='urn:handbox:workflow:1' id='w' name='W' "
			  "publish='yes'><steps/></workflow>";
	assert_int_equal(flow_save(desk, NULL, xml, &save), ERR_OK);
	assert_true(desk_answers(&save.call, "\"state\":\"draft\""));
	assert_true(desk_answers(&save.call, "\"code\":\"publish_ignored\""));
	assert_null(strstr(get_xml(desk, "w", 0), "publish"));
}

static void test_empty_drafts_get_an_id(void **state)
{
	struct desk *desk = *state;
	static const char *const names[] = {"New lead & \"more\"!", "new LEAD -- more",
					    "\xC3\x89\xC3\xA9"};
	static const char *const ids[] = {"new-lead-more", "new-lead-more-2",
					  "workflow"};
	for (unsigned i = 0; i < 3; i++) {
		struct workflow_create cmd = {.call = desk_call(desk, &flow_lead),
					      .name = names[i]};
		assert_int_equal(desk_write(desk, workflow_create, &cmd.call), ERR_OK);
		assert_int_equal(cmd.call.status, 201);
		assert_true(desk_answers(
			&cmd.call,
			arena_printf(desk->arena, "{\"id\":\"%s\",", ids[i])));
		assert_true(desk_answers(&cmd.call, "\"code\":\"empty_workflow\""));
	}
	flow_expect(desk, "new-lead-more", "\"name\":\"New lead & \\\"more\\\"!\"");
}

/* --- publishing --- */

static void test_enrollments_stay_on_their_version(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	flow_publish(desk, "w", WHO SMS("one"));
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(
		flow_save(desk, "w", flow_xml(desk, "w", "", WHO SMS("two")), &save),
		ERR_OK);
	flow_enroll(desk, "w", 102, "enrolled"); /* the draft enrolls nobody */
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	flow_enroll(desk, "w", 103, "enrolled");
	assert_int_equal(
		flow_count(desk,
			   "tasks WHERE step_id = 'one' AND workflow_version = 1"),
		2);
	assert_int_equal(
		flow_count(desk,
			   "tasks WHERE step_id = 'two' AND workflow_version = 2"),
		1);
	flow_expect(desk, "w", "\"draft_version\":2,\"published_version\":2");
}

static void test_an_old_version_comes_back_as_a_new_one(void **state)
{
	struct desk *desk = *state;
	struct workflow_publish cmd;
	flow_publish(desk, "w", WHO SMS("one"));
	flow_publish(desk, "w", WHO SMS("two"));
	cmd = (struct workflow_publish){.call = desk_call(desk, &flow_lead),
					.id = "w",
					.version = 1,
					.note = "two was wrong"};
	assert_int_equal(desk_write(desk, workflow_publish, &cmd.call), ERR_OK);
	assert_true(
		desk_answers(&cmd.call, "\"draft_version\":3,\"published_version\":3"));
	assert_string_equal(get_xml(desk, "w", 3), get_xml(desk, "w", 1));
	flow_enroll(desk, "w", 101, "enrolled");
	assert_int_equal(
		flow_count(desk,
			   "tasks WHERE step_id = 'one' AND workflow_version = 3"),
		1);
	assert_int_equal(flow_count(desk, "workflow_versions WHERE version = 3 AND "
					  "note = 'two was wrong'"),
			 1);
	assert_int_equal(flow_publish_version(desk, "w", 3),
			 ERR_OK); /* it is: nothing changes */
	assert_int_equal(flow_count(desk, "workflow_versions"), 3);
	assert_int_equal(flow_publish_version(desk, "w", 9), ERR_INVALID);
	assert_int_equal(flow_publish_version(desk, "nope", 0), ERR_NOT_FOUND);
}

static void test_publish_looks_at_people_again(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	assert_int_equal(
		flow_save(desk, NULL, flow_xml(desk, "w", "", WHO SMS("hello")), &save),
		ERR_OK);
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE id = %d", ANA);
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_INVALID_WORKFLOW);
	flow_expect(desk, "w", "\"state\":\"draft\"");
	flow_expect(desk, "w", "\"code\":\"inactive_user\"");
}

static void test_unpublish_holds_until_published_again(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", WHO SMS("hello"));
	flow_enroll(desk, "w", 101, "enrolled");
	struct workflow_unpublish cmd = flow_unpublish(desk, "w", PENDING_HOLD);
	assert_true(desk_answers(&cmd.call, "\"state\":\"unpublished\""));
	assert_int_equal(flow_count(desk, "holds WHERE scope = 2 AND ref = 'w' AND "
					  "reason = 'unpublished'"),
			 1);
	flow_enroll(desk, "w", 102, "not_published");
	flow_unpublish(desk, "w", PENDING_KEEP);
	assert_int_equal(flow_count(desk, "holds"), 0);
	flow_unpublish(desk, "w", PENDING_HOLD);
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	assert_int_equal(flow_count(desk, "holds"), 0);
	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 1"), 2);
}

static void test_unpublish_cancels_in_steps(void **state)
{
	struct desk *desk = *state;
	unsigned steps = 0;
	flow_publish_with(desk, "w", "<settings reentry='concurrent'/>",
			  WHO
			  "<manual-sms id='side' name='Side' wait='no'/>" SMS("hello"));
	flow_publish(desk, "side", WHO "<manual-sms id='side' name='Side' wait='no'/>");
	for (unsigned i = 0; i < 70; i++)
		flow_enroll(desk, "w", 101 + i % 20, "enrolled");
	flow_enroll(desk, "side", 101, "enrolled");
	struct workflow_unpublish cmd = {.call = desk_call(desk, &flow_lead),
					 .id = "w",
					 .pending = PENDING_CANCEL};
	for (cmd.more = true; cmd.more; steps++) {
		assert_int_equal(desk_write(desk, workflow_unpublish, &cmd.call),
				 ERR_OK);
		assert_int_equal(flow_count(desk, "holds"), cmd.more);
	}
	assert_true(steps > 2);
	assert_int_equal(
		flow_count(desk, "tasks WHERE workflow_id = 'w' AND state = 6"), 140);
	assert_int_equal(flow_count(desk, "enrollments WHERE workflow_id = 'w' AND "
					  "state = 4 AND reason = 'unpublished'"),
			 70);
	assert_int_equal(
		flow_count(desk, "tasks WHERE workflow_id = 'side' AND state = 0"), 1);
	flow_unpublish(desk, "side",
		       PENDING_CANCEL); /* its enrollment has ended, its task is open */
	assert_int_equal(flow_count(desk, "tasks WHERE state = 0"), 0);
}

static void test_delete(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	flow_publish(desk, "w", WHO SMS("hello"));
	flow_enroll(desk, "w", 101, "enrolled");
	struct workflow_delete cmd = {.call = desk_call(desk, &flow_lead), .id = "w"};
	assert_int_equal(desk_write(desk, workflow_delete, &cmd.call), ERR_BAD_STATE);
	flow_unpublish(desk, "w", PENDING_KEEP);
	cmd.call = desk_call(desk, &flow_lead);
	assert_int_equal(desk_write(desk, workflow_delete, &cmd.call), ERR_BAD_STATE);
	flow_unpublish(desk, "w", PENDING_CANCEL);
	cmd.call = desk_call(desk, &flow_lead);
	assert_int_equal(desk_write(desk, workflow_delete, &cmd.call), ERR_OK);
	cmd.call = desk_call(desk, &flow_lead);
	assert_int_equal(desk_write(desk, workflow_delete, &cmd.call), ERR_NOT_FOUND);
	/* its id may be used again, its versions are never numbered twice */
	assert_int_equal(
		flow_save(desk, NULL, flow_xml(desk, "w", "", WHO SMS("again")), &save),
		ERR_OK);
	assert_true(desk_answers(&save.call,
				 "\"draft_version\":2,\"published_version\":null"));
}

static void test_lists(void **state)
{
	struct desk *desk = *state;
	for (unsigned i = 0; i < 5; i++)
		flow_publish(desk, arena_printf(desk->arena, "w%u", i), WHO);
	struct workflow_list list = {.limit = 2};
	unsigned pages = 0, items = 0;
	for (const char *next = ""; next; pages++) {
		list.call = desk_call(desk, &flow_lead);
		assert_int_equal(desk_read(desk, workflow_list, &list.call), ERR_OK);
		for (const char *at = buf_str(&list.call.answer);
		     (at = strstr(at, "\"id\"")); at++)
			items++;
		next = strstr(buf_str(&list.call.answer), "\"next\":\"");
		list.cursor = next ? arena_strndup(desk->arena, next + 8,
						   strcspn(next + 8, "\""))
				   : NULL;
	}
	assert_int_equal(pages, 3);
	assert_int_equal(items, 5);
	flow_publish(desk, "w0", WHO SMS("hello"));
	struct workflow_versions versions = {
		.call = desk_call(desk, &flow_lead), .id = "w0", .limit = 1};
	assert_int_equal(desk_read(desk, workflow_versions, &versions.call), ERR_OK);
	assert_true(
		desk_answers(&versions.call, "[{\"version\":2,\"name\":\"The w0\""));
	assert_true(desk_answers(&versions.call,
				 "\"created_by\":{\"id\":\"1\",\"login\":\"ana\""));
	assert_true(desk_answers(&versions.call, "\"next\":\"2\""));
	versions = (struct workflow_versions){.call = desk_call(desk, &flow_lead),
					      .id = "w0",
					      .limit = 1,
					      .cursor = "2"};
	assert_int_equal(desk_read(desk, workflow_versions, &versions.call), ERR_OK);
	assert_true(desk_answers(&versions.call, "[{\"version\":1,"));
	assert_true(desk_answers(&versions.call, "\"next\":null"));
}

/* --- plans and texts --- */

struct getting {
	struct core *core;
	uint32_t version;
	struct plan *plan;
};

static enum err get_plan(struct snapshot *snap, void *arg)
{
	struct getting *getting = arg;
	return plans_get(getting->core, snapshot_db(snap), "w", getting->version,
			 &getting->plan);
}

static void test_plans_are_parsed_once_and_bounded(void **state)
{
	struct desk *desk = *state;
	struct getting first = {.core = &desk->core, .version = 1}, again = first;
	struct workflow_save save;
	for (unsigned i = 0; i < PLANS_MOST + 10; i++) {
		const char *steps =
			arena_printf(desk->arena, "<add-tag tag='t%u'/>", i);
		assert_int_equal(
			flow_save(desk, "w", flow_xml(desk, "w", "", steps), &save),
			ERR_OK);
	}
	assert_int_equal(store_read_now(desk->store, get_plan, &first), ERR_OK);
	assert_int_equal(store_read_now(desk->store, get_plan, &again), ERR_OK);
	assert_ptr_equal(first.plan, again.plan);
	plan_unref(&again.plan);
	for (uint32_t i = 2; i <= PLANS_MOST + 10; i++) {
		struct getting other = {.core = &desk->core, .version = i};
		assert_int_equal(store_read_now(desk->store, get_plan, &other), ERR_OK);
		assert_string_equal(other.plan->steps[0].tag,
				    arena_printf(desk->arena, "t%u", i - 1));
		plan_unref(&other.plan);
	}
	assert_int_equal(store_read_now(desk->store, get_plan, &again), ERR_OK);
	assert_ptr_not_equal(
		first.plan, again.plan); /* it had gone, and who held it still has it */
	assert_string_equal(first.plan->steps[0].tag, "t0");
	plan_unref(&first.plan);
	plan_unref(&again.plan);
	struct getting none = {.core = &desk->core, .version = 9999};
	assert_int_equal(store_read_now(desk->store, get_plan, &none), ERR_NOT_FOUND);
}

/* A version whose commit failed is numbered again, with another text: what was kept of the first one must go. */
static void test_plans_of_lost_versions_are_forgotten(void **state)
{
	struct desk *desk = *state;
	struct getting lost = {.core = &desk->core, .version = 2}, real = lost;
	struct workflow_save save;
	flow_publish(desk, "w", "<add-tag tag='one'/>");
	assert_int_equal(flow_save(desk, "w",
				   flow_xml(desk, "w", "", "<add-tag tag='lost'/>"),
				   &save),
			 ERR_OK);
	assert_int_equal(store_read_now(desk->store, get_plan, &lost), ERR_OK);
	desk_sql(desk, "DELETE FROM workflow_versions WHERE version = 2");
	desk_sql(desk, "UPDATE workflows SET draft_version = 1");
	assert_int_equal(flow_save(desk, "w",
				   flow_xml(desk, "w", "", "<add-tag tag='real'/>"),
				   &save),
			 ERR_OK);
	assert_int_equal(store_read_now(desk->store, get_plan, &real), ERR_OK);
	assert_string_equal(real.plan->steps[0].tag, "real");
	plan_unref(&lost.plan);
	plan_unref(&real.plan);
}

struct rendering {
	struct core *core;
	struct user user;
	bool has_user;
	struct arena *arena;
	struct template_rendered text;
};

static enum err render_hello(struct snapshot *snap, void *arg)
{
	struct rendering *r = arg;
	struct db *db = snapshot_db(snap);
	struct contact contact;
	struct plan *plan;
	const struct template *template;
	assert_int_equal(plans_get(r->core, db, "w", 1, &plan), ERR_OK);
	enum err err = contact_rows_load(db, r->arena, 101, &contact);
	const struct render render = {.core = r->core,
				      .db = db,
				      .arena = r->arena,
				      .contact = &contact,
				      .user = r->has_user ? &r->user : NULL};
	if (err == ERR_OK)
		err = render_template(db, r->arena,
				      &plan->steps[plan_find(plan, "hello")], 1,
				      &template);
	if (err == ERR_OK)
		err = render_text(&render, template, &r->text);
	plan_unref(&plan);
	return err;
}

static void test_texts(void **state)
{
	struct desk *desk = *state;
	struct rendering r = {.core = &desk->core,
			      .arena = desk->arena,
			      .user = {.first_name = "Ana", .last_name = ""}};
	flow_publish(desk, "w",
		     "<manual-sms id='hello' name='H'><message>{{ contact.name }}/{{ "
		     "contact.custom.plan }}/"
		     "{{ user.name }}/{{ contact.owner | default: \"us\" }}/{{ "
		     "account.name }}</message></manual-sms>");
	assert_int_equal(store_read_now(desk->store, render_hello, &r), ERR_OK);
	assert_string_equal(r.text.text,
			    "Rui Costa/\xE2\x9F\xA6"
			    "contact.custom.plan\xE2\x9F\xA7/"
			    "\xE2\x9F\xA6user.name\xE2\x9F\xA7/us/handbox");
	assert_int_equal(r.text.hole_count, 2);
	desk_sql(desk, "INSERT INTO contact_fields (contact_id, name, value) VALUES "
		       "(101, 'plan', '{{ gold }}')");
	desk_sql(desk, "UPDATE contacts SET owner_id = %d", BEN);
	r.has_user = true;
	assert_int_equal(store_read_now(desk->store, render_hello, &r), ERR_OK);
	assert_string_equal(r.text.text, "Rui Costa/{{ gold }}/Ana/Ben/handbox");
	assert_int_equal(r.text.hole_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_set_up, flow_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_differing_save_is_a_version),
		TEST(test_bad_ones_are_refused_whole),
		TEST(test_match),
		TEST(test_publish_attribute_is_ignored),
		TEST(test_empty_drafts_get_an_id),
		TEST(test_enrollments_stay_on_their_version),
		TEST(test_an_old_version_comes_back_as_a_new_one),
		TEST(test_publish_looks_at_people_again),
		TEST(test_unpublish_holds_until_published_again),
		TEST(test_unpublish_cancels_in_steps),
		TEST(test_delete),
		TEST(test_lists),
		TEST(test_plans_are_parsed_once_and_bounded),
		TEST(test_plans_of_lost_versions_are_forgotten),
		TEST(test_texts),
	};
	return cmocka_run_group_tests_name("workflow_core", tests, NULL, NULL);
}
