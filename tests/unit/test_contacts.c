/* test_contacts.c - making, changing, deleting contacts, their tags and consent,
 * against a store in a file. */
#include "contact_help.h"

#include "core/task_make.h"
#include "store/ledger_rows.h"
#include "store/task_rows.h"
#include "store/workflow_rows.h"

static void test_create_and_get(void **state)
{
	(void)state;
	static const char *const tags[] = {" vip ", "a/b", "vip"};
	static const struct contact_field fields[] = {{"plan", "gold \"1\""},
						      {"x-1", ""}};
	const struct contact_in in = {
		.given = (CONTACT_TEST << 1) - 1,
		.external_id = "crm-1",
		.first_name = " João ",
		.last_name = "Ã",
		.phone = "912 345 678",
		.email = "joao@example.com",
		.country = "pt",
		.timezone = "Europe/Lisbon",
		.owner = {.kind = WHO_LOGIN, .login = "ana"},
		.tags = tags,
		.tag_count = 3,
		.fields = fields,
		.field_count = 2,
		.sms_enabled = true,
	};
	uint64_t id = create(in);
	assert_int_equal(bed->status, 201);
	const char *created = bed->answer;
	get(id);
	assert_string_equal(bed->answer, created);
	const char *expected = arena_printf(
		bed->arena,
		"{\"id\":\"%" PRIu64 "\",\"external_id\":\"crm-1\",\"first_name\":"
		"\"João\",\"last_name\":\"Ã\","
		"\"name\":\"João Ã\",\"phone\":\"912 345 "
		"678\",\"phone_e164\":\"+351912345678\",\"phone_check\":"
		"{\"verdict\":\"valid\",\"type\":\"mobile\",\"region\":\"PT\","
		"\"reason\":null},"
		"\"email\":\"joao@example.com\",\"country\":\"PT\",\"timezone\":"
		"\"Europe/Lisbon\","
		"\"owner\":{\"id\":\"%" PRIu64
		"\",\"login\":\"ana\",\"name\":\"Ana Silva\"},"
		"\"tags\":[\"a/b\",\"vip\"],\"custom\":{\"plan\":\"gold "
		"\\\"1\\\"\",\"x-1\":\"\"},"
		"\"sms_enabled\":true,\"test\":false,\"opted_out\":false,\"created_"
		"at\":\"2026-11-23T02:13:20.000Z",
		id, bed->ana);
	assert_memory_equal(bed->answer, expected, strlen(expected));
	expect_has("\"warnings\":[]}");
}

static void test_empty_contact(void **state)
{
	(void)state;
	uint64_t id = create((struct contact_in){0});
	get(id);
	expect_has("\"external_id\":null,\"first_name\":\"\",\"last_name\":\"\","
		   "\"name\":\"\",\"phone\":null,"
		   "\"phone_e164\":null,\"phone_check\":{\"verdict\":\"invalid\","
		   "\"type\":null");
	expect_has("\"email\":null,\"country\":null,\"timezone\":null,\"owner\":null,"
		   "\"tags\":[],\"custom\":{},"
		   "\"sms_enabled\":true,\"test\":false");
	expect_has("\"code\":\"phone_missing\"");
	struct contact_get none = {.id = id + 1};
	assert_int_equal(read_call(contact_get, &none.call), ERR_NOT_FOUND);
}

static void test_bad_values(void **state)
{
	(void)state;
	static const char *const blank_tag[] = {"ok", "  "}, *const line_tag[] = {
								     "a\nb"};
	static const struct contact_field bad_name[] = {{"1a", "x"}},
					  bad_value[] = {{"a", "\x01"}};
	char long_name[300];
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	const char *const long_tag[] = {long_name};
	const struct {
		struct contact_in in;
		enum err err;
		const char *member;
	} bad[] = {
		{{.given = CONTACT_EMAIL, .email = "no"}, ERR_INVALID, "email"},
		{{.given = CONTACT_COUNTRY, .country = "Portugal"},
		 ERR_INVALID,
		 "country"},
		{{.given = CONTACT_COUNTRY, .country = "ZZ"}, ERR_INVALID, "country"},
		{{.given = CONTACT_TIMEZONE, .timezone = "../../etc/passwd"},
		 ERR_INVALID,
		 "timezone"},
		{{.given = CONTACT_FIRST_NAME, .first_name = "a\nb"},
		 ERR_INVALID,
		 "first_name"},
		{{.given = CONTACT_LAST_NAME, .last_name = "a\xc2\x9b"},
		 ERR_INVALID,
		 "last_name"},
		{{.given = CONTACT_LAST_NAME, .last_name = long_name},
		 ERR_INVALID,
		 "last_name"},
		{{.given = CONTACT_TAGS, .tags = blank_tag, .tag_count = 2},
		 ERR_INVALID,
		 "tags[1]"},
		{{.given = CONTACT_TAGS, .tags = line_tag, .tag_count = 1},
		 ERR_INVALID,
		 "tags[0]"},
		{{.given = CONTACT_TAGS, .tags = long_tag, .tag_count = 1},
		 ERR_INVALID,
		 "tags[0]"},
		{{.given = CONTACT_FIELDS, .fields = bad_name, .field_count = 1},
		 ERR_INVALID,
		 "custom"},
		{{.given = CONTACT_FIELDS, .fields = bad_value, .field_count = 1},
		 ERR_INVALID,
		 "custom.a"},
		{{.given = CONTACT_OWNER, .owner = {.kind = WHO_LOGIN, .login = "zoe"}},
		 ERR_UNKNOWN_USER,
		 "owner"},
		{{.given = CONTACT_OWNER, .owner = {.kind = WHO_LOGIN, .login = "ben"}},
		 ERR_UNKNOWN_USER,
		 "owner"},
		{{.given = CONTACT_OWNER, .owner = {.kind = WHO_TEAM, .id = 1}},
		 ERR_INVALID,
		 "owner"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct contact_create cmd = {.in = bad[i].in};
		expect_refused(create_with(&cmd), bad[i].err, bad[i].member);
	}
	struct contact_list list = {.opted_out = -1, .test = -1, .limit = 10};
	assert_int_equal(read_call(contact_list, &list.call), ERR_OK);
	assert_string_equal(bed->answer, "{\"items\":[],\"next\":null}");
}

static void test_predicates(void **state)
{
	(void)state;
	static const char *const good_mail[] = {"a@b.co", "a.b+c@x-y.example",
						"o'neil@example.com", "é@exämple.org"};
	static const char *const bad_mail[] = {
		"a",          "@b.co",         "a@b",
		"a@",         "a@@b.co",       "a@b.co,c@d.co",
		"a b@c.co",   "A <a@b.co>",    "a@b..co",
		"a@-b.co",    "a@b-.co",       ".a@b.co",
		"a.@b.co",    "a..b@c.co",     "a@b.co.",
		"\"a\"@b.co", "a@b.co\nBcc: x"};
	static const char *const good_zone[] = {
		"UTC", "Europe/Lisbon", "America/Argentina/Buenos_Aires", "Etc/GMT+1"};
	static const char *const bad_zone[] = {
		"",         "/etc/localtime", "Europe",         "Europe/",
		"../UTC",   "Europe/../UTC",  "Europe//Lisbon", "europe/lisbon",
		"zone.tab", "posix/UTC",      "right/UTC",      "posixrules",
		"Mars/Base"};
	for (size_t i = 0; i < sizeof(good_mail) / sizeof(*good_mail); i++)
		if (!email_is_plausible(good_mail[i]))
			fail_msg("%s", good_mail[i]);
	for (size_t i = 0; i < sizeof(bad_mail) / sizeof(*bad_mail); i++)
		if (email_is_plausible(bad_mail[i]))
			fail_msg("%s", bad_mail[i]);
	for (size_t i = 0; i < sizeof(good_zone) / sizeof(*good_zone); i++)
		if (!timezone_is_known(good_zone[i]))
			fail_msg("%s", good_zone[i]);
	for (size_t i = 0; i < sizeof(bad_zone) / sizeof(*bad_zone); i++)
		if (timezone_is_known(bad_zone[i]))
			fail_msg("%s", bad_zone[i]);
	assert_true(country_is_known("PT") && country_is_known("AQ") &&
		    country_is_known("XK"));
	assert_false(country_is_known("pt") || country_is_known("P ") ||
		     country_is_known("ZZ") || country_is_known(""));
}

static void test_phones(void **state)
{
	(void)state;
	static const struct {
		const char *phone, *country, *e164, *part;
	} rows[] = {
		{"912345678", NULL, "\"+351912345678\"", "\"warnings\":[]"},
		{"020 7946 0018", "GB", "\"+442079460018\"",
		 "\"code\":\"phone_fixed_line\""},
		{"+1 202 555 0143", "PT", "\"+12025550143\"", "\"verdict\":"},
		{"call me", NULL, "null", "\"code\":\"phone_invalid\""},
		{"12", NULL, "null", "\"verdict\":\"invalid\""},
		{"+351 912 345 678 ext. 9", NULL, "null",
		 "\"phone\":\"+351 912 345 678 ext. 9\""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct contact_create cmd = {
			.shared = true,
			.in = {.given = CONTACT_PHONE | CONTACT_COUNTRY,
			       .phone = rows[i].phone,
			       .country = rows[i].country}};
		assert_int_equal(create_with(&cmd), ERR_OK);
		expect_has(
			arena_printf(bed->arena, "\"phone_e164\":%s,", rows[i].e164));
		expect_has(rows[i].part);
	}
}

static void expect_existing(enum err err, const char *member, uint64_t id)
{
	expect_refused(err, ERR_DUPLICATE, member);
	assert_string_equal(
		bed->refusal.extra,
		arena_printf(bed->arena, "\"existing\":\"%" PRIu64 "\"", id));
}

static void test_duplicates_and_upsert(void **state)
{
	(void)state;
	uint64_t first =
		create((struct contact_in){.given = CONTACT_EXTERNAL_ID | CONTACT_PHONE,
					   .external_id = "e1",
					   .phone = "912345678"});
	struct contact_create same_id = {
		.in = {.given = CONTACT_EXTERNAL_ID, .external_id = "e1"}};
	expect_existing(create_with(&same_id), "external_id", first);
	struct contact_create same_number = {.in = PHONED("+351 912-345-678")};
	expect_existing(create_with(&same_number), "phone", first);
	struct contact_create second = {.in = PHONED("00351912345678"), .shared = true};
	second.in.phone = "+351912345678";
	assert_int_equal(create_with(&second), ERR_OK);

	/* of those that share a number the oldest is meant, while nobody was texted */
	struct contact_create by_phone = {.in = PHONED("912345678"),
					  .upsert = CONTACT_UPSERT_PHONE};
	by_phone.in.given |= CONTACT_FIRST_NAME;
	by_phone.in.first_name = "Rui";
	assert_int_equal(create_with(&by_phone), ERR_OK);
	assert_int_equal(by_phone.id, first);
	assert_int_equal(bed->status, 200);
	expect_has("\"external_id\":\"e1\",\"first_name\":\"Rui\"");

	struct contact_create by_id = {
		.upsert = CONTACT_UPSERT_EXTERNAL_ID,
		.in = {.given = CONTACT_EXTERNAL_ID | CONTACT_PHONE,
		       .external_id = "e2",
		       .phone = "912000111"}};
	assert_int_equal(create_with(&by_id), ERR_OK);
	assert_int_equal(bed->status, 201);
	uint64_t third = by_id.id;
	by_id.in.phone = "912345678"; /* another's: upsert does not take it over */
	expect_existing(create_with(&by_id), "phone", first);
	by_id.shared = true;
	assert_int_equal(create_with(&by_id), ERR_OK);
	assert_int_equal(by_id.id, third);

	struct contact_create without = {.upsert = CONTACT_UPSERT_EXTERNAL_ID,
					 .in = NAMED("x")};
	expect_refused(create_with(&without), ERR_INVALID, "external_id");
	struct contact_create no_number = {.upsert = CONTACT_UPSERT_PHONE,
					   .in = PHONED("none yet")};
	assert_int_equal(create_with(&no_number), ERR_OK);
	uint64_t made = no_number.id;
	assert_int_equal(create_with(&no_number), ERR_OK);
	assert_int_equal(no_number.id, made);

	expect_existing(patch(made, PHONED("912345678")), "phone", first);
	expect_existing(patch(made, (struct contact_in){.given = CONTACT_EXTERNAL_ID,
							.external_id = "e1"}),
			"external_id", first);
	struct contact_delete gone = {.id = first};
	assert_int_equal(write_call(contact_delete, &gone.call), ERR_OK);
	assert_int_equal(create_with(&same_id), ERR_OK);
}

static void test_patch(void **state)
{
	(void)state;
	static const struct contact_field two[] = {{"a", "1"}, {"b", "2"}},
					  change[] = {{"a", NULL}, {"c", "3"}};
	static const char *const tags[] = {"x", "y"}, *const other[] = {"y", "z"};
	uint64_t id = create((struct contact_in){
		.given = CONTACT_FIELDS | CONTACT_TAGS | CONTACT_EMAIL | CONTACT_PHONE,
		.email = "a@b.co",
		.phone = "912345678",
		.tags = tags,
		.tag_count = 2,
		.fields = two,
		.field_count = 2});
	uint32_t revision = get(id);
	assert_int_equal(patch(id, (struct contact_in){0}), ERR_OK);
	assert_int_equal(get(id), revision);
	assert_int_equal(
		patch(id, (struct contact_in){.given = CONTACT_EMAIL | CONTACT_TEST,
					      .is_test = true}),
		ERR_OK);
	expect_has("\"email\":null");
	expect_has("\"test\":true");
	expect_has("\"phone_e164\":\"+351912345678\"");
	assert_true(get(id) > revision);
	assert_int_equal(patch(id, (struct contact_in){.given = CONTACT_FIELDS,
						       .fields = change,
						       .field_count = 2}),
			 ERR_OK);
	expect_has("\"custom\":{\"b\":\"2\",\"c\":\"3\"}");
	assert_int_equal(patch(id, (struct contact_in){.given = CONTACT_FIELDS,
						       .clears_fields = true}),
			 ERR_OK);
	expect_has("\"custom\":{}");
	assert_int_equal(patch(id, (struct contact_in){.given = CONTACT_TAGS,
						       .tags = other,
						       .tag_count = 2}),
			 ERR_OK);
	expect_has("\"tags\":[\"y\",\"z\"]");
	/* another country does not make the number another person's, but it may make
	 * one of what was none */
	assert_int_equal(patch(id, (struct contact_in){.given = CONTACT_COUNTRY,
						       .country = "FR"}),
			 ERR_OK);
	expect_has("\"phone_e164\":\"+351912345678\"");
	assert_int_equal(patch(id, PHONED("020 7946 0018")), ERR_OK);
	expect_has("\"phone_e164\":null");
	assert_int_equal(patch(id, (struct contact_in){.given = CONTACT_COUNTRY,
						       .country = "GB"}),
			 ERR_OK);
	expect_has("\"phone_e164\":\"+442079460018\"");
	assert_int_equal(patch(id + 1, NAMED("x")), ERR_NOT_FOUND);
}

static void test_match(void **state)
{
	(void)state;
	uint64_t id = create(NAMED("a"));
	const char *const first[] = {"9", "1"};
	struct contact_patch cmd = {.id = id,
				    .in = NAMED("b"),
				    .match = first,
				    .match_count = 2,
				    .has_match = true};
	assert_int_equal(get(id), 1);
	assert_int_equal(write_call(contact_patch, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.revision, 2);
	expect_refused(write_call(contact_patch, &cmd.call), ERR_PRECONDITION,
		       "If-Match");
	assert_int_equal(get(id), 2);
}

static enum err tag(store_write_fn *write, uint64_t id, const char *text)
{
	struct contact_tag cmd = {.id = id, .tag = text};
	return write_call(write, &cmd.call);
}

static void test_tags(void **state)
{
	(void)state;
	uint64_t id = create(NAMED("a"));
	assert_int_equal(tag(contact_tag, id, " vip "), ERR_OK);
	uint32_t revision = get(id);
	assert_int_equal(revision, 2);
	assert_int_equal(tag(contact_tag, id, "vip"), ERR_OK);
	assert_int_equal(get(id), revision);
	assert_int_equal(tag(contact_untag, id, "none"), ERR_OK);
	assert_int_equal(get(id), revision);
	for (int i = 1; i < CONTACT_TAGS_MOST; i++)
		assert_int_equal(
			tag(contact_tag, id, arena_printf(bed->arena, "t%d", i)),
			ERR_OK);
	expect_refused(tag(contact_tag, id, "one too many"), ERR_INVALID, "tag");
	assert_int_equal(tag(contact_tag, id, "vip"), ERR_OK);
	get(id);
	assert_null(strstr(bed->answer, "one too many"));
	assert_int_equal(tag(contact_untag, id, "vip"), ERR_OK);
	assert_int_equal(tag(contact_tag, id, "fits again"), ERR_OK);
	expect_refused(tag(contact_tag, id, " "), ERR_INVALID, "tag");
	assert_int_equal(tag(contact_tag, id + 1, "x"), ERR_NOT_FOUND);
	assert_int_equal(tag(contact_untag, id + 1, "x"), ERR_NOT_FOUND);
}

static enum err set_field(struct txn *txn, void *arg)
{
	return contact_rows_set_field(txn_db(txn), *(uint64_t *)arg, "stage", "won");
}

/* A workflow's step sets fields without a patch: who edits meanwhile is told. */
static void test_field_set_alone_is_a_revision(void **state)
{
	(void)state;
	uint64_t id = create(NAMED("a"));
	assert_int_equal(get(id), 1);
	assert_int_equal(store_write_now(bed->store, set_field, &id), ERR_OK);
	assert_int_equal(get(id), 2);
	assert_int_equal(store_write_now(bed->store, set_field, &id), ERR_OK);
	assert_int_equal(get(id), 2);
}

/* --- consent and deletion --- */

struct chores {
	uint64_t contact_id;
	uint64_t task_id, run_task_id,
		run_id; /* out: a task of its own, one of an enrollment */
};

static enum err give_chores(struct txn *txn, void *arg)
{
	struct chores *chores = arg;
	struct enrollment run = {.id = txn_id(txn),
				 .workflow_id = "w",
				 .version = 1,
				 .contact_id = chores->contact_id,
				 .state = ENROLLMENT_WAITING,
				 .step_id = "ask",
				 .since = txn_now(txn),
				 .created_at = txn_now(txn)};
	struct task_make make = {.origin = TASK_FROM_API,
				 .contact_id = chores->contact_id,
				 .name = "Call",
				 .text = "hi"};
	const struct workflow workflow = {.id = "w",
					  .name = "W",
					  .draft_version = 1,
					  .created_at = 1,
					  .updated_at = 1};
	struct task task;
	enum err err = workflow_rows_insert(txn_db(txn), &workflow);
	if (err == ERR_OK || err == ERR_DUPLICATE)
		err = enrollment_rows_insert(txn_db(txn), &run);
	if (err == ERR_OK)
		err = task_make(txn, &make, &task);
	chores->run_id = run.id;
	chores->task_id = task.id;
	make.origin = TASK_FROM_WORKFLOW;
	make.enrollment_id = run.id;
	make.workflow_id = "w";
	make.workflow_version = 1;
	make.step_id = "ask";
	make.visit = 1;
	make.moves_workflow = true;
	if (err == ERR_OK)
		err = task_make(txn, &make, &task);
	chores->run_task_id = task.id;
	return err;
}

struct state_of {
	const struct chores *chores;
	struct task task, run_task;
	struct enrollment run;
};

static enum err read_states(struct snapshot *snap, void *arg)
{
	struct state_of *state = arg;
	struct db *db = snapshot_db(snap);
	enum err err =
		task_rows_load(db, bed->arena, state->chores->task_id, &state->task);
	if (err == ERR_OK)
		err = task_rows_load(db, bed->arena, state->chores->run_task_id,
				     &state->run_task);
	if (err == ERR_OK)
		err = enrollment_rows_load(db, bed->arena, state->chores->run_id,
					   &state->run);
	return err;
}

static void expect_ended(const struct chores *chores, const char *reason)
{
	struct state_of now = {.chores = chores};
	assert_int_equal(store_read_now(bed->store, read_states, &now), ERR_OK);
	assert_int_equal(now.task.state, TASK_CANCELLED);
	assert_string_equal(now.task.end_reason, reason);
	assert_int_equal(now.run_task.state, TASK_CANCELLED);
	assert_int_equal(now.run.state, ENROLLMENT_REMOVED);
	assert_string_equal(now.run.reason, reason);
}

struct consents {
	const char *e164;
	struct number number;
	struct consent_row *rows;
	size_t count;
	struct ledger_row *ledger;
	size_t ledger_count;
};

static enum err read_consents(struct snapshot *snap, void *arg)
{
	struct consents *consents = arg;
	struct db *db = snapshot_db(snap);
	enum err err =
		number_rows_load(db, bed->arena, consents->e164, &consents->number);
	if (err == ERR_OK)
		err = consent_rows_of(db, bed->arena, consents->e164, &consents->rows,
				      &consents->count);
	if (err == ERR_OK)
		err = ledger_rows_after(db, bed->arena, &(struct ledger_row){0}, 100,
					&consents->ledger, &consents->ledger_count);
	return err;
}

static struct consents consents_of(const char *e164)
{
	struct consents consents = {.e164 = e164};
	assert_int_equal(store_read_now(bed->store, read_consents, &consents), ERR_OK);
	return consents;
}

static void test_consent(void **state)
{
	(void)state;
	uint64_t id = create(PHONED("912345678"));
	struct contact_create shared = {.in = PHONED("+351912345678"), .shared = true};
	assert_int_equal(create_with(&shared), ERR_OK);
	struct chores mine = {.contact_id = id}, others = {.contact_id = shared.id};
	assert_int_equal(store_write_now(bed->store, give_chores, &mine), ERR_OK);
	assert_int_equal(store_write_now(bed->store, give_chores, &others), ERR_OK);

	struct contact_consent out = {.id = id, .reason = "asked on the phone"};
	assert_int_equal(write_call(contact_opt_out, &out.call), ERR_OK);
	expect_has("\"opted_out\":true");
	get(shared.id);
	expect_has("\"opted_out\":true");
	expect_ended(&mine, "opted out");
	expect_ended(&others, "opted out");
	struct consents consents = consents_of("+351912345678");
	assert_int_equal(consents.number.consent_revision, 1);
	assert_int_equal(consents.count, 1);
	assert_int_equal(consents.ledger_count, 1);
	assert_int_equal(write_call(contact_opt_out, &out.call), ERR_OK);
	assert_int_equal(consents_of("+351912345678").count, 1);

	struct contact_consent in = {.id = shared.id, .evidence = " "};
	expect_refused(write_call(contact_opt_in, &in.call), ERR_INVALID, "evidence");
	in = (struct contact_consent){.id = shared.id,
				      .evidence = "form of 2026-11-20"};
	bed->actor.kind = ACTOR_SERVICE_TOKEN;
	expect_refused(write_call(contact_opt_in, &in.call), ERR_HUMAN_REQUIRED, NULL);
	bed->actor.kind = ACTOR_SESSION;
	assert_int_equal(write_call(contact_opt_in, &in.call), ERR_OK);
	expect_has("\"opted_out\":false");
	consents = consents_of("+351912345678");
	assert_int_equal(consents.count, 2);
	assert_int_equal(consents.number.consent_revision, 2);
	assert_int_equal(consents.rows[1].revision, 2);
	assert_string_equal(consents.rows[0].reason, "asked on the phone");
	assert_string_equal(consents.rows[1].evidence, "form of 2026-11-20");
	assert_string_equal(consents.rows[1].actor, "ana");
	assert_int_equal(consents.ledger_count, 2);
	assert_string_equal(consents.ledger[0].act, "opt_out");
	assert_string_equal(consents.ledger[1].act, "opt_in");
	assert_null(strstr(consents.ledger[1].payload, "912345678"));
	assert_null(strstr(consents.ledger[1].payload, "form of"));
	expect_refused(write_call(contact_opt_in, &in.call), ERR_BAD_STATE, NULL);

	struct contact_consent numberless = {.id = create(NAMED("x")), .reason = "r"};
	expect_refused(write_call(contact_opt_out, &numberless.call), ERR_BAD_STATE,
		       NULL);
}

static void test_delete(void **state)
{
	(void)state;
	uint64_t id = create(PHONED("912345678"));
	struct contact_consent out = {.id = id, .reason = "r"};
	assert_int_equal(write_call(contact_opt_out, &out.call), ERR_OK);
	struct chores chores = {.contact_id = id};
	assert_int_equal(store_write_now(bed->store, give_chores, &chores), ERR_OK);
	struct contact_delete gone = {.id = id};
	assert_int_equal(write_call(contact_delete, &gone.call), ERR_OK);
	expect_ended(&chores, "contact deleted");
	struct contact_get none = {.id = id};
	assert_int_equal(read_call(contact_get, &none.call), ERR_NOT_FOUND);
	assert_int_equal(write_call(contact_delete, &gone.call), ERR_NOT_FOUND);
	assert_int_equal(patch(id, NAMED("x")), ERR_NOT_FOUND);
	uint64_t again = create(PHONED("912345678"));
	assert_true(again != id);
	expect_has(
		"\"opted_out\":true"); /* the number's consent outlives the contact */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create_and_get, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_empty_contact, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_predicates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_phones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_duplicates_and_upsert, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_patch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_match, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tags, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_field_set_alone_is_a_revision,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_consent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_delete, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
