/* test_snippets.c - canned texts: what is checked when they are saved, what tasks take of them, how they read for a contact */
#include "life_help.h"

#include "core/render.h"
#include "core/snippets.h"

static uint64_t put(struct desk *desk, const char *name, const char *text)
{
	struct snippet_put cmd = {
		.call = desk_call(desk, &flow_lead), .name = name, .text = text};
	assert_int_equal(desk_write(desk, snippet_put, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 201);
	return (uint64_t)desk_number(desk, "SELECT max(id) FROM snippets");
}

static void change(struct desk *desk, uint64_t id, const char *name, const char *text)
{
	struct snippet_put cmd = {.call = desk_call(desk, &flow_lead),
				  .id = id,
				  .name = name,
				  .text = text};
	assert_int_equal(desk_write(desk, snippet_put, &cmd.call), ERR_OK);
}

static void values_are_checked_at_save(void **state)
{
	static const struct {
		const char *name, *text;
		enum err err;
		const char *member, *detail;
	} cases[] = {
		{"a", "Hi {{ contact.nick_name }}", ERR_INVALID, "text",
		 "contact.nick_name"},
		{"a", "Hi\n {{ contact.name | shout }}", ERR_INVALID, "text", "Line 2"},
		{"a", "Hi {{ contact.name", ERR_INVALID, "text", "{{"},
		{"a", " \n ", ERR_INVALID, "text", "text"},
		{" a", "Hi", ERR_INVALID, "name", "blanks"},
		{"taken", "Hi", ERR_DUPLICATE, "name", "taken"},
	};
	struct desk *desk = *state;
	put(desk, "taken", "Hi {{ contact.first_name | default: \"there\" }}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct snippet_put cmd = {.call = desk_call(desk, &flow_lead),
					  .name = cases[i].name,
					  .text = cases[i].text};
		assert_int_equal(desk_write(desk, snippet_put, &cmd.call),
				 cases[i].err);
		assert_string_equal(cmd.call.refusal.member, cases[i].member);
		if (!strstr(cmd.call.refusal.detail, cases[i].detail))
			fail_msg("%s", cmd.call.refusal.detail);
	}
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM snippets"), 1);
	struct snippet_put gone = {
		.call = desk_call(desk, &flow_lead), .id = 99, .text = "x"};
	assert_int_equal(desk_write(desk, snippet_put, &gone.call), ERR_NOT_FOUND);
}

/* The card's own text: it stands before "draft". */
static const char *text_of(struct desk *desk, uint64_t task, const struct actor *actor)
{
	static const char key[] = "\"text\":\"";
	struct task_open open = life_open(desk, task, actor, ERR_OK);
	const char *end = strstr(buf_str(&open.call.answer), "\",\"draft\":"),
		   *at = end;
	assert_non_null(end);
	while (strncmp(at, key, strlen(key)) != 0)
		at--;
	at += strlen(key);
	return arena_strndup(desk->arena, at, (size_t)(end - at));
}

static void a_task_takes_the_text_when_it_is_made(void **state)
{
	struct desk *desk = *state;
	struct workflow_save save;
	const char *xml = flow_xml(
		desk, "w", "",
		"<assign-user id='who'><user login='ana'/></assign-user>"
		"<manual-sms id='hello' name='Call' expires='3d'><message snippet='hello'/></manual-sms>");
	assert_int_equal(flow_save(desk, "w", xml, &save), ERR_INVALID_WORKFLOW);
	assert_non_null(strstr(save.call.refusal.extra, "unknown_snippet"));
	uint64_t id = put(desk, "hello",
			  "Hi {{ contact.first_name }}, {{ user.first_name }} here");
	flow_publish(
		desk, "w",
		"<assign-user id='who'><user login='ana'/></assign-user>"
		"<manual-sms id='hello' name='Call' expires='3d'><message snippet='hello'/></manual-sms>");
	desk_sql(desk, "UPDATE contacts SET first_name = 'Rui' WHERE id = 101");
	flow_enroll(desk, "w", 101, "enrolled");
	uint64_t task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	assert_int_equal(
		desk_number(
			desk,
			"SELECT text = 'Hi Rui, Ana here' FROM tasks WHERE id = %" PRIu64,
			task),
		1);

	/* changed or gone: the task keeps what it took, and still reads for whoever opens it */
	change(desk, id, "hello", "Quite another text");
	assert_string_equal(text_of(desk, task, &life_ana), "Hi Rui, Ana here");
	struct task_act act = {.call = desk_call(desk, &flow_lead),
			       .task_id = task,
			       .assignee = {.kind = WHO_ID, .id = BEN}};
	assert_int_equal(desk_write(desk, task_reassign, &act.call), ERR_OK);
	assert_string_equal(text_of(desk, task, &life_ben), "Hi Rui, Ben here");

	/* its holes are those of the snippet as it was */
	desk_sql(desk, "UPDATE contacts SET first_name = '' WHERE id = 101");
	struct task_open open = life_open(desk, task, &life_ben, ERR_OK);
	assert_true(desk_answers(&open.call,
				 "\"holes\":[{\"field\":\"contact.first_name\""));
	const struct life_try try = {.task = task,
				     .actor = &life_ben,
				     .receipt = life_receipt(desk, &open),
				     .text = "Hi " TEMPLATE_HOLE_OPEN
					     "contact.first_name" TEMPLATE_HOLE_CLOSE};
	life_send_as(desk, &try, ERR_GUARD_REFUSED, NULL);

	flow_enroll(desk, "w", 102, "enrolled");
	assert_int_equal(
		desk_number(
			desk,
			"SELECT text = 'Quite another text' FROM tasks WHERE contact_id = 102"),
		1);

	/* taken away: nobody is sent a guess, the user types */
	struct snippet_delete gone = {.call = desk_call(desk, &flow_lead), .id = id};
	assert_int_equal(desk_write(desk, snippet_delete, &gone.call), ERR_OK);
	uint64_t run = flow_enroll(desk, "w", 103, "enrolled");
	assert_int_equal(
		desk_number(desk, "SELECT text = '' FROM tasks WHERE contact_id = 103"),
		1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM journal WHERE enrollment_id = %" PRIu64
			" AND detail LIKE '%%\"snippet_missing\":\"hello\"%%'",
			run),
		1);
	task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	assert_string_equal(text_of(desk, task, &life_ana), "");
	assert_int_equal(flow_publish_version(desk, "w", 1), ERR_INVALID_WORKFLOW);
}

static void it_reads_for_a_contact(void **state)
{
	struct desk *desk = *state;
	uint64_t id = put(
		desk, "visit",
		"{{ contact.first_name }}: {{ contact.custom.renewal | date: \"%d/%m %H:%M\" }}, "
		"{{ user.first_name }}");
	desk_sql(
		desk,
		"UPDATE contacts SET timezone = 'Pacific/Auckland', first_name = 'Rui' WHERE id = 101");
	desk_sql(
		desk,
		"INSERT INTO contact_fields VALUES (101, 'renewal', '2027-01-31T11:30:00Z')");
	struct snippet_get get = {.call = desk_call(desk, &life_ana), .id = id};
	assert_int_equal(desk_read(desk, snippet_get, &get.call), ERR_OK);
	assert_null(strstr(buf_str(&get.call.answer), "rendered"));
	get = (struct snippet_get){
		.call = desk_call(desk, &life_ana), .id = id, .contact_id = 101};
	assert_int_equal(desk_read(desk, snippet_get, &get.call), ERR_OK);
	assert_true(desk_answers(
		&get.call,
		"\"rendered\":{\"text\":\"Rui: 01/02 00:30, Ana\",\"holes\":[]"));
	/* in summer and in winter, each by its own clock */
	desk_sql(desk, "UPDATE contact_fields SET value = '2027-07-01T11:30:00Z'");
	get.call = desk_call(desk, &life_ana);
	assert_int_equal(desk_read(desk, snippet_get, &get.call), ERR_OK);
	assert_true(desk_answers(&get.call, "\"text\":\"Rui: 01/07 23:30, Ana\""));

	/* a hole that it leaves blocks a free reply as it blocks a task */
	get = (struct snippet_get){
		.call = desk_call(desk, &life_ana), .id = id, .contact_id = 102};
	assert_int_equal(desk_read(desk, snippet_get, &get.call), ERR_OK);
	assert_true(desk_answers(&get.call,
				 "\"holes\":[{\"field\":\"contact.custom.renewal\""));
	struct task_open open = life_compose(desk, 102, &life_ana, ERR_OK);
	struct life_try try = {.actor = &life_ana,
			       .receipt = life_receipt(desk, &open),
			       .text = "On " TEMPLATE_HOLE_OPEN
				       "contact.custom.renewal" TEMPLATE_HOLE_CLOSE,
			       .contact = 102};
	struct refusal refusal;
	life_send_as(desk, &try, ERR_GUARD_REFUSED, &refusal);
	assert_non_null(strstr(refusal.extra, "{\"name\":\"holes\",\"ok\":false"));
	try.text = "On the 1st {of} [it]";
	life_send_as(desk, &try, ERR_OK, NULL);

	struct snippet_get nobody = {
		.call = desk_call(desk, &life_ana), .id = id, .contact_id = 999};
	assert_int_equal(desk_read(desk, snippet_get, &nobody.call), ERR_NOT_FOUND);
	struct snippet_list list = {.call = desk_call(desk, &life_ana), .limit = 1};
	put(desk, "other", "Other");
	assert_int_equal(desk_read(desk, snippet_list, &list.call), ERR_OK);
	assert_true(desk_answers(
		&list.call, arena_printf(desk->arena, "\"next\":\"%" PRIu64 "\"", id)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(values_are_checked_at_save),
		LIFE(a_task_takes_the_text_when_it_is_made),
		LIFE(it_reads_for_a_contact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
