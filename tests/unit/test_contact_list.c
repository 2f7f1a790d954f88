/* test_contact_list.c - finding contacts: pages, filters, search; and contacts that
 * wrote first. */
#include "contact_help.h"

#include "base/utf8.h"
#include "model/search.h"
#include "store/letters_rows.h"
#include "store/sql.h"

struct found {
	uint64_t ids[100];
	size_t count;
	const char *next; /* NULL: no more */
};

/* The ids of an answer, in its order. */
static struct found found_in(const char *answer)
{
	struct found found = {0};
	const char *at = answer;
	while ((at = strstr(at, "{\"id\":\""))) {
		at += 7;
		if (!strstr(at, "\"external_id\"")) /* of an owner, behind the last
						       contact */
			break;
		uint64_t id = strtoull(at, NULL, 10);
		if (strncmp(strchr(at, ','), ",\"external_id\"", 14) == 0)
			found.ids[found.count++] = id;
	}
	const char *next = strstr(answer, "],\"next\":\"");
	if (next)
		found.next =
			arena_strndup(bed->arena, next + 10, strcspn(next + 10, "\""));
	return found;
}

static struct contact_list list_of(size_t limit)
{
	return (struct contact_list){.opted_out = -1, .test = -1, .limit = limit};
}

static struct found list(struct contact_list cmd)
{
	enum err err = read_call(contact_list, &cmd.call);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_code(err), bed->refusal.detail);
	return found_in(bed->answer);
}

static void test_pages_under_changes(void **state)
{
	(void)state;
	enum { COUNT = 25 };
	uint64_t ids[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		ids[i] = create(NAMED(arena_printf(bed->arena, "n%zu", i)));
	struct contact_list cmd = list_of(10);
	struct found page = list(cmd);
	assert_int_equal(page.count, 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(page.ids[i], ids[COUNT - 1 - i]);

	/* between two pages: a new one, one gone that was shown, one gone that would
	 * come next, the last one shown gone */
	create(NAMED("new"));
	const size_t gone[] = {20, 14, 15};
	for (size_t i = 0; i < 3; i++) {
		struct contact_delete drop = {.id = ids[gone[i]]};
		assert_int_equal(write_call(contact_delete, &drop.call), ERR_OK);
	}
	cmd.cursor = page.next;
	page = list(cmd);
	assert_int_equal(page.count, 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(page.ids[i], ids[13 - i]);
	cmd.cursor = page.next;
	page = list(cmd);
	assert_int_equal(page.count, 4);
	assert_int_equal(page.ids[3], ids[0]);
	assert_null(page.next);

	cmd.cursor = "x1";
	expect_refused(read_call(contact_list, &cmd.call), ERR_BAD_CURSOR, "cursor");
}

static void test_exact_page_has_no_next(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		create(NAMED("x"));
	struct found page = list(list_of(10));
	assert_int_equal(page.count, 10);
	assert_null(page.next);
	page = list(list_of(9));
	assert_non_null(page.next);
}

/* A walk that is cut short says where it goes on, also when it found nothing. */
static void test_walk_is_bounded(void **state)
{
	(void)state;
	uint64_t wanted = create(NAMED("Zoe"));
	for (int i = 0; i < 25; i++)
		create(NAMED("other"));
	struct contact_list cmd = list_of(10);
	cmd.q = "zo"; /* too short for the index */
	cmd.scan_most = 10;
	struct found page = list(cmd);
	assert_int_equal(page.count, 0);
	assert_non_null(page.next);
	cmd.cursor = page.next;
	page = list(cmd);
	assert_int_equal(page.count, 0);
	cmd.cursor = page.next;
	page = list(cmd);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.ids[0], wanted);
	assert_null(page.next);
}

static size_t letters(const char *text)
{
	const char *end = text + strlen(text);
	size_t count = 0;
	while (utf8_next(&text, end) < UTF8_BAD)
		count++;
	return count;
}

/* Any part of three letters and more is found at once, wherever its contact stands, and as it is named now. */
static void test_any_part_is_found_at_once(void **state)
{
	(void)state;
	static const char *const names[] = {
		"Zoe \"Zo\" O'Neill", "ΓΙΏΡΓΟΣ",  "Жук-Жуков",
		"王小明王",           "a%b_c\\d", "nOt OR And NEAR",
	};
	enum { COUNT = sizeof(names) / sizeof(*names) };
	uint64_t ids[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		ids[i] = create(NAMED(names[i]));
	for (int i = 0; i < 25; i++)
		create(NAMED("other"));
	struct contact_list cmd = list_of(10);
	cmd.scan_most = 1;
	for (size_t i = 0; i < COUNT; i++) {
		const char *at = names[i], *end = at + strlen(at);
		for (; letters(at) >= 3; utf8_next(&at, end)) {
			cmd.q = at;
			struct found page = list(cmd);
			if (page.count != 1 || page.ids[0] != ids[i] || page.next)
				fail_msg("%s: %zu found", at, page.count);
		}
	}
	assert_int_equal(patch(ids[0], NAMED("Anna")), ERR_OK);
	cmd.q = "neill";
	assert_int_equal(list(cmd).count, 0);
	cmd.q = "ANN";
	assert_int_equal(list(cmd).ids[0], ids[0]);
	struct contact_delete drop = {.id = ids[0]};
	assert_int_equal(write_call(contact_delete, &drop.call), ERR_OK);
	assert_int_equal(list(cmd).count, 0);
}

enum { MANY = LETTERS_MOST + 2 };

/* Without the code that creates contacts: the index hears of them all the same. */
SQL(MARIAS_ADD,
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) "
    "INSERT INTO contacts (id, first_name, last_name, phone, phone_verdict, email, "
    "country, timezone, sms_enabled, is_test, created_at, updated_at, revision) "
    "SELECT i, 'Maria', '', '', 2, '', '', '', 1, 0, 1, 1, 1 FROM n");

static enum err add_marias(struct txn *txn, void *arg)
{
	(void)arg;
	return SQL_RUN(txn_db(txn), &MARIAS_ADD, SQL_INT(MANY));
}

/* What very many have is walked along, and found on every page. */
static void test_what_many_have_is_walked(void **state)
{
	(void)state;
	uint64_t seen = 0;
	assert_int_equal(store_write_now(bed->store, add_marias, NULL), ERR_OK);
	struct contact_list cmd = list_of(100);
	cmd.q = "maria";
	do {
		struct found page = list(cmd);
		for (size_t i = 0; i < page.count; i++)
			assert_int_equal(page.ids[i], MANY - seen++);
		assert_int_equal(page.count, page.next ? 100 : MANY % 100);
		cmd.cursor = page.next;
	} while (cmd.cursor);
	assert_int_equal(seen, MANY);
}

struct sample {
	uint64_t plain, tagged, owned, tester, silent;
};

static struct sample make_sample(void)
{
	static const char *const vip[] = {"vip"};
	struct sample made;
	made.plain = create((struct contact_in){
		.given = CONTACT_EXTERNAL_ID | CONTACT_PHONE | CONTACT_FIRST_NAME,
		.external_id = "CRM-77",
		.first_name = "Plain",
		.phone = "912345678"});
	made.tagged = create((struct contact_in){.given = CONTACT_TAGS | CONTACT_EMAIL |
							  CONTACT_LAST_NAME,
						 .last_name = "Ångström",
						 .email = "Tag@Example.com",
						 .tags = vip,
						 .tag_count = 1});
	made.owned = create((struct contact_in){.given = CONTACT_OWNER | CONTACT_TAGS |
							 CONTACT_PHONE,
						.owner = {.kind = WHO_ME},
						.phone = "INFO",
						.tags = vip,
						.tag_count = 1});
	made.tester =
		create((struct contact_in){.given = CONTACT_TEST, .is_test = true});
	made.silent = create((struct contact_in){
		.given = CONTACT_PHONE | CONTACT_FIRST_NAME | CONTACT_LAST_NAME,
		.first_name = "50%",
		.last_name = "a_b",
		.phone = "+442079460018"});
	struct contact_consent out = {.id = made.silent, .reason = "r"};
	assert_int_equal(write_call(contact_opt_out, &out.call), ERR_OK);
	return made;
}

static void expect_only(struct contact_list cmd, size_t count, uint64_t first)
{
	struct found found = list(cmd);
	if (found.count != count || (count && found.ids[0] != first))
		fail_msg("%zu found, %zu wanted: %s", found.count, count, bed->answer);
}

static void test_filters(void **state)
{
	(void)state;
	const struct sample made = make_sample();
	const struct {
		struct contact_list list;
		size_t count;
		uint64_t first; /* the newest */
	} rows[] = {
		{{.opted_out = -1, .test = -1}, 5, made.silent},
		{{.opted_out = -1, .test = -1, .tag = "vip"}, 2, made.owned},
		{{.opted_out = -1, .test = -1, .tag = "VIP"}, 0, 0},
		{{.opted_out = -1, .test = -1, .owner = {.kind = WHO_ME}},
		 1,
		 made.owned},
		{{.opted_out = -1,
		  .test = -1,
		  .owner = {.kind = WHO_LOGIN, .login = "ana"}},
		 1,
		 made.owned},
		{{.opted_out = -1,
		  .test = -1,
		  .owner = {.kind = WHO_LOGIN, .login = "ben"}},
		 0,
		 0},
		{{.opted_out = -1,
		  .test = -1,
		  .owner = {.kind = WHO_LOGIN, .login = "zoe"}},
		 0,
		 0},
		{{.opted_out = -1, .test = -1, .owner = {.kind = WHO_NOBODY}},
		 4,
		 made.silent},
		{{.opted_out = -1,
		  .test = -1,
		  .owner = {.kind = WHO_NOBODY},
		  .tag = "vip"},
		 1,
		 made.tagged},
		{{.opted_out = -1, .test = -1, .phone = "00351 912 345 678"},
		 1,
		 made.plain},
		{{.opted_out = -1, .test = -1, .phone = "+351 912 345 678"},
		 1,
		 made.plain},
		{{.opted_out = -1, .test = -1, .phone = "912345678", .tag = "vip"},
		 0,
		 0},
		{{.opted_out = -1, .test = -1, .phone = "INFO", .tag = "vip"},
		 1,
		 made.owned},
		{{.opted_out = -1, .test = -1, .external_id = "CRM-77"}, 1, made.plain},
		{{.opted_out = -1, .test = -1, .external_id = "crm-77"}, 0, 0},
		{{.opted_out = 1, .test = -1}, 1, made.silent},
		{{.opted_out = 0, .test = -1}, 4, made.tester},
		{{.opted_out = -1, .test = 1}, 1, made.tester},
		{{.opted_out = -1, .test = 0}, 4, made.silent},
		{{.opted_out = -1, .test = -1, .q = "ÅNGSTR"}, 1, made.tagged},
		{{.opted_out = -1, .test = -1, .q = "tag@example"}, 1, made.tagged},
		{{.opted_out = -1, .test = -1, .q = "crm-7"}, 1, made.plain},
		{{.opted_out = -1, .test = -1, .q = "(2079) 46"}, 1, made.silent},
		{{.opted_out = -1, .test = -1, .q = "50% A_B"}, 1, made.silent},
		{{.opted_out = -1, .test = -1, .q = "%"}, 1, made.silent},
		{{.opted_out = -1, .test = -1, .q = "info", .owner = {.kind = WHO_ME}},
		 1,
		 made.owned},
		{{.opted_out = -1, .test = -1, .q = "nobody"}, 0, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct contact_list cmd = rows[i].list;
		cmd.limit = 10;
		expect_only(cmd, rows[i].count, rows[i].first);
	}
}

static void test_search(void **state)
{
	(void)state;
	static const struct {
		const char *q, *text;
		bool in_text, in_number;
	} rows[] = {
		{"", "anything", true, false},
		{" Ana ", "JULIANA", true, false},
		{"É", "école", true, false},
		{"straße", "Straße", true, false},
		{"ЖУК", "жук", true, false},
		{"+351 91", "+351912345678", false, true},
		{"12-34", "+351912345678", false, true},
		{"5", "+351912345678", true, false},
		{"12a", "+351912345678", false, false},
		{"x", "a\xff x", false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct search search;
		search_init(&search, bed->arena, rows[i].q);
		if (search_finds(&search, rows[i].text) != rows[i].in_text ||
		    search_finds_number(&search, rows[i].text) != rows[i].in_number)
			fail_msg("%s in %s", rows[i].q, rows[i].text);
	}
	struct search search;
	search_init(&search, bed->arena, "a");
	assert_false(search_finds(&search, NULL) || search_finds_number(&search, NULL));
}

struct unknown {
	const char *address;
	struct contact contact;
};

static enum err make_unknown(struct txn *txn, void *arg)
{
	struct unknown *unknown = arg;
	enum err err = contact_make_unknown(txn, unknown->address, &unknown->contact);
	if (err != ERR_OK)
		return err;
	unknown->contact.phone = NULL; /* lives in the transaction's arena */
	return ERR_OK;
}

static uint64_t sender(const char *address)
{
	struct unknown unknown = {.address = address};
	assert_int_equal(store_write_now(bed->store, make_unknown, &unknown), ERR_OK);
	return unknown.contact.id;
}

static enum err text_last(struct txn *txn, void *arg)
{
	const struct number number = {.e164 = "+351912345678",
				      .last_contact_id = *(uint64_t *)arg};
	return number_rows_save(txn_db(txn), &number);
}

static void test_shared_number_means_the_one_texted_last(void **state)
{
	(void)state;
	uint64_t first = create(PHONED("912345678"));
	struct contact_create second = {.in = PHONED("912345678"), .shared = true};
	assert_int_equal(create_with(&second), ERR_OK);
	assert_int_equal(sender("+351912345678"), first);
	assert_int_equal(store_write_now(bed->store, text_last, &second.id), ERR_OK);
	assert_int_equal(sender("+351912345678"), second.id);
	struct contact_delete gone = {.id = second.id};
	assert_int_equal(write_call(contact_delete, &gone.call), ERR_OK);
	assert_int_equal(sender("+351912345678"), first);
}

static void test_unknown_senders(void **state)
{
	(void)state;
	uint64_t known = create(PHONED("912345678"));
	assert_int_equal(sender("+351912345678"), known);
	uint64_t id = sender("+351961111222");
	assert_int_equal(sender("+351961111222"), id);
	struct contact_get get_it = {.id = id};
	assert_int_equal(read_call(contact_get, &get_it.call), ERR_OK);
	expect_has("\"name\":\"\",\"phone\":\"+351961111222\",\"phone_e164\":\"+"
		   "351961111222\"");

	/* a number that no plan has: it wrote, so it can be answered, and a form that
	 * sends it back does not lose it */
	uint64_t odd = sender("+999123456789");
	get_it = (struct contact_get){.id = odd};
	assert_int_equal(read_call(contact_get, &get_it.call), ERR_OK);
	expect_has("\"phone_e164\":\"+999123456789\",\"phone_check\":{\"verdict\":"
		   "\"possible\"");
	assert_int_equal(patch(odd, PHONED("+999123456789")), ERR_OK);
	expect_has("\"phone_e164\":\"+999123456789\"");

	uint64_t named = sender("INFO");
	assert_int_equal(sender("INFO"), named);
	assert_true(sender("12345") != named);
	get_it = (struct contact_get){.id = named};
	assert_int_equal(read_call(contact_get, &get_it.call), ERR_OK);
	expect_has("\"phone\":\"INFO\",\"phone_e164\":null,\"phone_check\":{"
		   "\"verdict\":\"invalid\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pages_under_changes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_exact_page_has_no_next, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_walk_is_bounded, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_any_part_is_found_at_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_what_many_have_is_walked, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_search, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_shared_number_means_the_one_texted_last, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_unknown_senders, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
