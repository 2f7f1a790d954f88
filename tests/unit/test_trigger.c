/* test_trigger.c - triggers: how much one write does, that nothing is lost or out of order, what is heard of what */
#include "flow_help.h"

#include "core/contacts.h"
#include "core/event_data.h"
#include "core/events.h"
#include "core/trigger.h"
#include "core/turn.h"

enum { ROWS_MOST = 1000, WORKFLOWS = 200 };

/* --- writes that are counted --- */

struct counted {
	store_write_fn *write;
	void *arg;
	int64_t rows;
};

static int64_t changes(struct txn *txn)
{
	const struct sql_statement statement = {"test", "SELECT total_changes()"};
	struct rows rows;
	sql_query_text(txn_db(txn), statement.text, &rows, NULL, 0);
	int64_t count = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows) == ERR_OK ? count : 0;
}

static enum err run_counted(struct txn *txn, void *arg)
{
	struct counted *counted = arg;
	int64_t before = changes(txn);
	enum err err = counted->write(txn, counted->arg);
	counted->rows = changes(txn) - before;
	return err;
}

static int64_t rows_of(struct desk *desk, store_write_fn *write, void *arg)
{
	struct counted counted = {write, arg, 0};
	assert_int_equal(store_write_now(desk->store, run_counted, &counted), ERR_OK);
	if (counted.rows >= ROWS_MOST)
		fail_msg("one write changed %lld rows", (long long)counted.rows);
	return counted.rows;
}

/* Until nothing is left; how many writes that took. */
static unsigned settle(struct desk *desk)
{
	struct turn turn = {.has_more = true};
	unsigned turns = 0;
	for (; turn.has_more; turns++) {
		rows_of(desk, turn_run, &turn);
		assert_true(turns < 10000);
	}
	assert_int_equal(flow_count(desk, "occurrences"), 0);
	return turns;
}

static void hear(struct desk *desk, const char *id, const char *trigger,
		 const char *steps)
{
	flow_publish_with(desk, id,
			  arena_printf(desk->arena,
				       "<settings reentry='concurrent'/>"
				       "<triggers>%s</triggers>",
				       trigger),
			  steps);
}

static void tag(struct desk *desk, uint64_t contact, const char *name)
{
	struct contact_tag cmd = {
		.call = desk_call(desk, &flow_lead), .id = contact, .tag = name};
	rows_of(desk, contact_tag, &cmd);
}

/* --- bounds --- */

static void one_tag_and_many_workflows(void **state)
{
	struct desk *desk = *state;
	struct policy policy = policy_default;
	policy.enrollments_per_hour = 1000;
	atomic_store(&desk->core.policy, &policy);
	for (unsigned i = 0; i < WORKFLOWS; i++)
		hear(desk, arena_printf(desk->arena, "w%03u", i),
		     "<tag-added tag='lead'/>",
		     "<add-tag tag='a'/><add-tag tag='b'/><remove-tag tag='a'/>");
	tag(desk, 101, "lead");
	int64_t at_once = flow_count(desk, "enrollments");
	assert_in_range(at_once, 1, TRIGGER_INLINE_COST);
	assert_int_equal(flow_count(desk, "occurrences"), 1);
	assert_true(settle(desk) > 2);
	assert_int_equal(flow_count(desk, "enrollments WHERE state = 3"), WORKFLOWS);
	/* each of them once, and in order */
	assert_int_equal(flow_count(desk, "enrollments a JOIN enrollments b ON a.id < "
					  "b.id AND a.workflow_id >= b.workflow_id"),
			 0);
	atomic_store(&desk->core.policy, &policy_default);
}

static void long_runs_without_a_wait(void **state)
{
	struct desk *desk = *state;
	struct buf steps = BUF_EMPTY;
	for (unsigned i = 0; i < 49; i++)
		buf_add_str(&steps, "<add-tag tag='a'/><remove-tag tag='a'/>");
	for (unsigned i = 0; i < 20; i++)
		hear(desk, arena_printf(desk->arena, "w%02u", i),
		     "<tag-added tag='lead'/>", buf_str(&steps));
	hear(desk, "x", "<tag-added tag='a'/>", "<wait id='w' for='30d'/>");
	buf_fini(&steps);
	tag(desk, 101, "lead");
	settle(desk);
	assert_int_equal(flow_count(desk, "enrollments WHERE workflow_id <> 'x'"), 20);
	assert_int_equal(
		flow_count(desk, "enrollments WHERE workflow_id = 'x'"),
		100 - 20); /* the guard: a hundred in an hour, of all workflows */
	assert_int_equal(desk_number(desk, "SELECT times FROM not_enrolled WHERE "
					   "outcome = 'too_many'"),
			 20 * 49 - 80);
}

static void many_tags_and_fields_at_once(void **state)
{
	struct desk *desk = *state;
	const char *tags[CONTACT_TAGS_MOST];
	struct contact_field fields[CONTACT_FIELDS_MOST];
	for (unsigned i = 0; i < CONTACT_TAGS_MOST; i++)
		tags[i] = arena_printf(desk->arena, "t%02u", i);
	for (unsigned i = 0; i < CONTACT_FIELDS_MOST; i++)
		fields[i] = (struct contact_field){
			arena_printf(desk->arena, "f%02u", i), "2099-01-01"};
	struct buf triggers = BUF_EMPTY, dates = BUF_EMPTY;
	for (unsigned i = 0; i < 100; i++) {
		buf_printf(&triggers, "<tag-added tag='t%02u'/>", i);
		buf_printf(&dates, "<date field='contact.custom.f%02u'/>", i);
	}
	hear(desk, "tags", buf_str(&triggers), "<wait id='w' for='30d'/>");
	hear(desk, "dates", buf_str(&dates), "<wait id='w' for='30d'/>");
	buf_fini(&triggers);
	buf_fini(&dates);
	settle(desk);
	struct contact_create create = {.call = desk_call(desk, &flow_lead),
					.in = {.given = CONTACT_TAGS | CONTACT_FIELDS,
					       .tags = tags,
					       .tag_count = CONTACT_TAGS_MOST,
					       .fields = fields,
					       .field_count = CONTACT_FIELDS_MOST}};
	rows_of(desk, contact_create, &create);
	buf_fini(&create.call.answer);
	assert_int_equal(flow_count(desk, "occurrences"), 200);
	assert_int_equal(flow_count(desk, "enrollments"), 0);
	settle(desk);
	assert_int_equal(flow_count(desk, "enrollments"), 100);
	assert_int_equal(flow_count(desk, "planned_dates"), 100);
	assert_int_equal(flow_count(desk, "journal a JOIN journal b ON a.id < b.id AND "
					  "a.kind = 'enrolled' AND b.kind = 'enrolled' "
					  "AND a.detail >= b.detail"),
			 0); /* {"cause":"tag-added t00"… in the order of the tags */
}

static void what_nobody_hears_is_not_kept(void **state)
{
	struct desk *desk = *state;
	hear(desk, "w", "<tag-added tag='lead'/>", "<add-tag tag='a'/>");
	tag(desk, 101, "other");
	assert_int_equal(flow_count(desk, "occurrences"), 0);
	assert_int_equal(flow_count(desk, "not_enrolled"), 0);
	tag(desk, 101, "lead");
	assert_int_equal(flow_count(desk, "occurrences"), 0);
	assert_int_equal(flow_count(desk, "enrollments"), 1);
}

/* A backlog keeps its order: who comes later does not overtake it. */
static void a_backlog_goes_first(void **state)
{
	struct desk *desk = *state;
	for (unsigned i = 0; i < 60; i++)
		hear(desk, arena_printf(desk->arena, "w%02u", i),
		     "<tag-added tag='lead'/>", "<add-tag tag='a'/>");
	tag(desk, 101, "lead");
	assert_int_equal(flow_count(desk, "occurrences"), 1);
	atomic_fetch_add(&desk->now_ms, 1);
	tag(desk, 102, "lead");
	assert_int_equal(flow_count(desk, "enrollments WHERE contact_id = 102"), 0);
	settle(desk);
	assert_int_equal(flow_count(desk, "enrollments a JOIN enrollments b ON a.id < "
					  "b.id AND a.contact_id > b.contact_id"),
			 0);
	assert_int_equal(flow_count(desk, "enrollments"), 120);
}

static void a_version_that_cannot_be_read_stops_nobody(void **state)
{
	struct desk *desk = *state;
	hear(desk, "a", "<tag-added tag='lead'/>", "<add-tag tag='x'/>");
	hear(desk, "b", "<tag-added tag='lead'/>", "<add-tag tag='y'/>");
	desk_sql(desk,
		 "UPDATE workflow_versions SET xml = 'none' WHERE workflow_id = 'a'");
	plans_forget(&desk->core, "a", 1);
	log_set_level(LOG_LEVEL_ERROR + 1);
	tag(desk, 101, "lead");
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(flow_count(desk, "enrollments WHERE workflow_id = 'b'"), 1);
	(void)settle(desk);
}

/* --- texts --- */

struct text {
	const char *text;
	uint64_t message_id;
};

static enum err come(struct txn *txn, void *arg)
{
	struct text *text = arg;
	enum err err = trigger_message_came(txn, 101, txn_id(txn), text->text);
	return err == ERR_OK ? trigger_settle(txn) : err;
}

static void keywords(void **state)
{
	static const struct {
		const char *keyword, *text;
		bool fits;
	} rows[] = {
		{"INFO", "info", true},
		{"info", "  INFO\r\n", true},
		{"Info", "info!", false},
		{"INFO", "info please", false},
		{"INFO", "inf", false},
		{"INFO", "", false},
		{"ÉTÉ", "été", true},
		{"été", "ete", false},
		{"два слова", "ДВА СЛОВА", true},
		{"два слова", "два  слова", false},
	};
	struct desk *desk = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *id = arena_printf(desk->arena, "w%zu", i);
		struct text text = {.text = rows[i].text};
		hear(desk, id,
		     arena_printf(desk->arena, "<message-received keyword='%s'/>",
				  rows[i].keyword),
		     "<add-tag tag='a'/>");
		rows_of(desk, come, &text);
		int64_t count = flow_count(
			desk, arena_printf(desk->arena,
					   "enrollments WHERE workflow_id = '%s'", id));
		if (count != rows[i].fits)
			fail_msg("'%s' and '%s'", rows[i].keyword, rows[i].text);
		flow_unpublish(desk, id, PENDING_CANCEL);
	}
	char *longest = arena_alloc(desk->arena, 5000);
	memset(longest, 'x', 4999);
	longest[4999] = '\0';
	hear(desk, "any", "<message-received/>", "<add-tag tag='a'/>");
	rows_of(desk, come, &(struct text){.text = longest});
	assert_int_equal(flow_count(desk, "enrollments WHERE workflow_id = 'any'"), 1);
}

/* --- data of events --- */

static void data_of_events(void **state)
{
	static const struct {
		const char *field, *value;
	} rows[] = {
		{"event.text", "a \"b\" ç"}, {"event.whole", "9007199254740993"},
		{"event.part", "0.1"},       {"event.money", "1234.5"},
		{"event.yes", "true"},       {"event.no", "false"},
		{"event.none", NULL},        {"event.list", NULL},
		{"event.other", NULL},       {"event.empty", ""},
	};
	struct event_data data = {.is_read = false};
	struct arena *arena = ((struct desk *)*state)->arena;
	event_data_read(&data, arena,
			"{\"text\":\"a \\\"b\\\" \\u00e7\",\"whole\":9007199254740993,"
			"\"part\":0.1,\"money\":1234.50,\"yes\":true,\"no\":false,"
			"\"none\":null,\"list\":[1],\"empty\":\"\"}");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *value = event_data_get(&data, rows[i].field);
		if (rows[i].value)
			assert_string_equal(value, rows[i].value);
		else
			assert_null(value);
	}
	struct event_data nothing = {.is_read = false};
	event_data_read(&nothing, arena, NULL);
	assert_null(event_data_get(&nothing, "event.text"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_set_up, flow_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(one_tag_and_many_workflows),
		TEST(long_runs_without_a_wait),
		TEST(many_tags_and_fields_at_once),
		TEST(what_nobody_hears_is_not_kept),
		TEST(a_backlog_goes_first),
		TEST(a_version_that_cannot_be_read_stops_nobody),
		TEST(keywords),
		TEST(data_of_events),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
