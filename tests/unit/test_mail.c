/* test_mail.c - send-email steps on rows: what is made and what is not, and the life of an e-mail up to its last line in
 * the journal. */
#include "flow_help.h"

#include "core/channel.h"
#include "core/mail.h"
#include "core/mail_step.h"
#include "core/restored.h"
#include "store/contact_rows.h"
#include "store/meta_rows.h"
#include "store/workflow_rows.h"

#define MAIL(id, to, subject, body)                                             \
	"<send-email id='" id "' to='" to "' subject='" subject "'><body>" body \
	"</body></send-email>"
#define PLAIN                                                                 \
	MAIL("mail", "{{ contact.email }}", "Hello {{ contact.first_name }}", \
	     "Dear {{ contact.first_name }},\nhi")

static struct policy policy;

static int set_up(void **state)
{
	int rc = flow_set_up(state);
	struct desk *desk = *state;
	policy = policy_default;
	policy.mail_from = "The Box <box@example.com>";
	if (rc != 0)
		return rc;
	atomic_store(&desk->core.policy, &policy);
	desk_sql(desk, "UPDATE contacts SET email = 'c' || id || '@example.org'");
	return 0;
}

/* The last line of that kind in the journal has this in it. */
static void expect_line(struct desk *desk, const char *kind, const char *part)
{
	if (desk_number(desk,
			"SELECT instr((SELECT detail FROM journal WHERE kind = '%s' "
			"ORDER BY id DESC LIMIT 1), '%s')",
			kind, part) <= 0)
		fail_msg("no %s with %s in the journal", kind, part);
}

static void expect_state(struct desk *desk, enum email_state expected)
{
	enum email_state is = (enum email_state)desk_number(
		desk, "SELECT state FROM emails ORDER BY id DESC LIMIT 1");
	if (is != expected)
		fail_msg("the e-mail is %s, expected %s",
			 is < EMAIL_STATE_COUNT ? email_state_name(is) : "not there",
			 email_state_name(expected));
}

static uint64_t enroll_mail(struct desk *desk, unsigned contact)
{
	return flow_enroll(desk, "w", contact, "enrolled");
}

static struct mail_begin begin(struct desk *desk)
{
	struct mail_begin begin = {.limit = MAIL_MOST};
	assert_int_equal(store_write_now(desk->store, mail_begin, &begin), ERR_OK);
	return begin;
}

static void done(struct desk *desk, uint64_t id, enum mail_outcome outcome,
		 const char *detail)
{
	const struct mail_result result = {id, outcome, detail};
	struct mail_done done = {&result, 1};
	assert_int_equal(store_write_now(desk->store, mail_done, &done), ERR_OK);
}

static void pass(struct desk *desk, int64_t ms)
{
	atomic_fetch_add(&desk->now_ms, ms);
}

static void a_step_makes_one(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN "<add-tag tag='mailed'/>");
	desk->signals = 0;
	uint64_t enrollment = enroll_mail(desk, 101);
	assert_true(desk->signals & SIGNAL_MAIL);
	expect_line(desk, "email_queued",
		    "\"to\":\"c101@example.org\",\"subject\":\"Hello Rui\"");
	expect_state(desk, EMAIL_WAITING);
	/* the workflow has gone on */
	assert_int_equal(flow_count(desk, "contact_tags WHERE tag = 'mailed'"), 1);
	struct mail_begin out = begin(desk);
	assert_int_equal(out.count, 1);
	assert_int_equal(desk_number(desk,
				     "SELECT message_id = 'handbox.%" PRIu64
				     ".mail.1@example.com' FROM emails",
				     enrollment),
			 1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT body = 'Dear Rui,' || char(10) || 'hi' FROM emails"),
		1);
	expect_state(desk, EMAIL_SENDING);
	/* what is marked is not begun twice */
	assert_int_equal(begin(desk).count, 0);
	done(desk, out.emails[0].id, MAIL_TAKEN, "250 2.0.0 queued as 7");
	expect_state(desk, EMAIL_SENT);
	expect_line(desk, "email_sent", "queued as 7");
	assert_int_equal(flow_count(desk, "outbox"), 0);
	/* an outcome that comes again changes nothing */
	done(desk, out.emails[0].id, MAIL_REFUSED, "550 no");
	expect_state(desk, EMAIL_SENT);
	assert_int_equal(flow_count(desk, "journal WHERE kind = 'email_failed'"), 0);
}

static void what_is_not_made(void **state)
{
	static const struct {
		const char *email, *reason, *part;
	} rows[] = {
		{"", "hole", "empty: contact.email"},
		{"a@example.org,b@example.org", "bad_address", "more than one"},
		{"a@example.org' || char(13, 10) || 'Bcc: b@example.org", "bad_address",
		 "line break"},
		{"Ana <a@example.org>", "bad_address", "exactly one address"},
		{"nobody", "bad_address", "one @"},
	};
	struct desk *desk = *state;
	flow_publish_with(desk, "w", "<settings reentry='concurrent'/>",
			  PLAIN "<add-tag tag='went-on'/>");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		desk_sql(desk, "DELETE FROM contact_tags");
		desk_sql(desk, "UPDATE contacts SET email = '%s' WHERE id = 101",
			 rows[i].email);
		enroll_mail(desk, 101);
		expect_line(
			desk, "email_failed",
			arena_printf(desk->arena, "\"reason\":\"%s\"", rows[i].reason));
		expect_line(desk, "email_failed", rows[i].part);
		assert_int_equal(flow_count(desk, "contact_tags WHERE tag = 'went-on'"),
				 1);
	}
	assert_int_equal(flow_count(desk, "emails"), 0);
	assert_int_equal(flow_count(desk, "outbox"), 0);
	desk_sql(desk, "UPDATE contacts SET email = '  a@example.org ' WHERE id = 101");
	enroll_mail(desk, 101);
	assert_int_equal(flow_count(desk, "emails WHERE recipient = 'a@example.org'"),
			 1);
}

static void a_hole_anywhere_sends_nothing(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     MAIL("one", "a@example.org", "{{ contact.custom.plan }}",
			  "{{ contact.custom.plan }} {{ user.name }}")
			     MAIL("two", "a@example.org",
				  "{{ contact.custom.plan | default: \"none\" }}",
				  "x"));
	enroll_mail(desk, 101);
	expect_line(desk, "email_failed",
		    "empty: contact.custom.plan, contact.custom.plan, user.name");
	expect_line(desk, "email_failed", "default");
	assert_int_equal(
		flow_count(desk, "emails WHERE step_id = 'two' AND subject = 'none'"),
		1);
	assert_int_equal(flow_count(desk, "emails"), 1);
}

static void the_owner_speaks(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     PEOPLE("who", "", "<user login='ben'/>")
			     MAIL("mail", "a@example.org", "From {{ user.first_name }}",
				  "x"));
	enroll_mail(desk, 101);
	assert_int_equal(flow_count(desk, "emails WHERE subject = 'From Ben'"), 1);
}

static void without_a_server(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	enroll_mail(desk, 101);
	policy.mail_from = NULL;
	enroll_mail(desk, 102);
	expect_line(desk, "email_failed", "\"reason\":\"no_mail_server\"");
	expect_line(desk, "email_failed", "Set smtp-url");
	assert_int_equal(flow_count(desk, "emails"), 1);
	/* the one that waited when the server was taken away */
	assert_int_equal(begin(desk).count, 0);
	expect_state(desk, EMAIL_FAILED);
	assert_int_equal(flow_count(desk, "journal WHERE kind = 'email_failed'"), 2);
	assert_int_equal(flow_count(desk, "outbox"), 0);
}

static void a_trial_sends_nothing(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	desk_sql(desk, "UPDATE contacts SET is_test = 1 WHERE id = 101");
	for (int has_server = 1; has_server >= 0; has_server--) {
		policy.mail_from = has_server ? policy.mail_from : NULL;
		desk_sql(desk, "DELETE FROM emails");
		uint64_t contact = 101;
		struct enroll cmd = {.call = desk_call(desk, &flow_lead),
				     .workflow_id = "w",
				     .contact_ids = &contact,
				     .count = 1,
				     .test = {true, 0}};
		assert_int_equal(desk_write(desk, enroll_contacts, &cmd.call), ERR_OK);
		expect_state(desk, EMAIL_TEST);
		expect_line(desk, "email_not_sent", "\"to\":\"c101@example.org\"");
		expect_line(desk, "email_not_sent", "\"body\":\"Dear Rui,");
		assert_int_equal(begin(desk).count, 0);
		assert_int_equal(flow_count(desk, "outbox"), 0);
	}
	assert_int_equal(flow_count(desk, "journal WHERE kind = 'email_not_sent'"), 2);
}

struct again {
	uint64_t enrollment;
	unsigned visit;
	const char *kind;
};

static enum err run_again(struct txn *txn, void *arg)
{
	struct again *again = arg;
	struct db *db = txn_db(txn);
	struct arena *arena = txn_arena(txn);
	struct enrollment enrollment;
	struct contact contact;
	struct plan *plan;
	assert_int_equal(
		enrollment_rows_load(db, arena, again->enrollment, &enrollment),
		ERR_OK);
	assert_int_equal(contact_rows_load(db, arena, enrollment.contact_id, &contact),
			 ERR_OK);
	assert_int_equal(plans_get(txn_context(txn), db, "w", 1, &plan), ERR_OK);
	const struct render render = {.core = txn_context(txn),
				      .db = db,
				      .arena = arena,
				      .contact = &contact};
	struct mail_step mail = {.render = &render,
				 .enrollment = &enrollment,
				 .step = &plan->steps[0],
				 .visit = again->visit};
	enum err err = mail_step(txn, &mail);
	again->kind = mail.kind;
	plan_unref(&plan);
	return err;
}

static void one_visit_one_email(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	struct again again = {.enrollment = enroll_mail(desk, 101), .visit = 1};
	assert_int_equal(store_write_now(desk->store, run_again, &again), ERR_OK);
	assert_string_equal(again.kind, "email_repeated");
	assert_int_equal(flow_count(desk, "emails"), 1);
	assert_int_equal(flow_count(desk, "outbox"), 1);
	again.visit = 2;
	assert_int_equal(store_write_now(desk->store, run_again, &again), ERR_OK);
	assert_string_equal(again.kind, "email_queued");
	assert_int_equal(
		flow_count(desk, "emails WHERE message_id LIKE '%.mail.2@example.com'"),
		1);
}

static void deferred_comes_again(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	enroll_mail(desk, 101);
	uint64_t id = begin(desk).emails[0].id;
	done(desk, id, MAIL_DEFERRED, "451 4.7.1 greylisted");
	expect_state(desk, EMAIL_WAITING);
	expect_line(desk, "email_deferred", "greylisted");
	struct mail_begin out = begin(desk);
	assert_int_equal(out.count, 0);
	assert_int_equal(out.next_at, desk_now(desk) + 5 * SECOND_MS);
	pass(desk, 5 * SECOND_MS);
	out = begin(desk);
	assert_int_equal(out.count, 1);
	assert_int_equal(out.emails[0].attempts, 2);
	done(desk, id, MAIL_DEFERRED, "451 again");
	assert_int_equal(begin(desk).next_at, desk_now(desk) + 10 * SECOND_MS);
	pass(desk, 10 * SECOND_MS);
	assert_int_equal(begin(desk).count, 1);
	/* no server: not its fault, and no wait of its own */
	done(desk, id, MAIL_NO_SERVER, "no answer: refused");
	assert_int_equal(begin(desk).count, 1);
	done(desk, id, MAIL_TAKEN, "250 ok");
	expect_state(desk, EMAIL_SENT);
	expect_line(desk, "email_sent", "\"attempts\":4");
	assert_int_equal(flow_count(desk, "journal WHERE kind = 'email_deferred'"), 1);
}

static void days_have_a_bound(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	enroll_mail(desk, 101);
	uint64_t id = begin(desk).emails[0].id;
	int64_t until = desk_now(desk) + 3 * DAY_MS;
	unsigned attempts = 1;
	for (;;) {
		done(desk, id, MAIL_DEFERRED, "451 never");
		int64_t next_at = begin(desk).next_at;
		assert_true(next_at > desk_now(desk) && next_at <= until);
		pass(desk, next_at - desk_now(desk));
		if (!begin(desk).count)
			break;
		attempts++;
	}
	assert_int_equal(desk_now(desk), until);
	assert_in_range(attempts, 75, 90);
	expect_state(desk, EMAIL_FAILED);
	expect_line(desk, "email_failed", "\"reason\":\"too_old\"");
	expect_line(desk, "email_failed", "451 never");
	assert_int_equal(flow_count(desk, "outbox"), 0);
}

static void refused_and_unsure_are_the_end(void **state)
{
	static const struct {
		enum mail_outcome outcome;
		enum email_state state;
		const char *kind, *reason;
	} rows[] = {
		{MAIL_REFUSED, EMAIL_FAILED, "email_failed", "refused_by_server"},
		{MAIL_UNSURE, EMAIL_UNSURE, "email_unsure", "answer_lost"},
	};
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	for (unsigned i = 0; i < 2; i++) {
		enroll_mail(desk, 101 + i);
		done(desk, begin(desk).emails[0].id, rows[i].outcome,
		     "words of the server");
		expect_state(desk, rows[i].state);
		expect_line(desk, rows[i].kind, rows[i].reason);
		expect_line(desk, rows[i].kind, "words of the server");
		pass(desk, DAY_MS);
		assert_int_equal(begin(desk).count, 0);
		assert_int_equal(begin(desk).next_at, 0);
	}
}

static void a_kill_leaves_it_unsure(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	enroll_mail(desk, 101);
	assert_int_equal(begin(desk).count, 1);
	enroll_mail(desk, 102);
	desk->core.epoch++;
	struct mail_recover recover = {.count = 9};
	assert_int_equal(store_write_now(desk->store, mail_recover, &recover), ERR_OK);
	assert_int_equal(recover.count, 1);
	expect_line(desk, "email_unsure", "handbox stopped");
	assert_int_equal(store_write_now(desk->store, mail_recover, &recover), ERR_OK);
	assert_int_equal(recover.count, 0);
	/* the other one goes */
	struct mail_begin out = begin(desk);
	assert_int_equal(out.count, 1);
	assert_int_equal(desk_number(desk,
				     "SELECT contact_id FROM emails WHERE state = %d",
				     EMAIL_SENDING),
			 102);
}

static void the_switch_stops_it(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	enroll_mail(desk, 101);
	for (int enable = 0; enable <= 1; enable++) {
		struct channel_set set = {.call = desk_call(desk, &flow_lead),
					  .enable = enable,
					  .reason = "test"};
		assert_int_equal(desk_write(desk, channel_set, &set.call), ERR_OK);
		assert_int_equal(begin(desk).count, enable);
	}
	assert_true(desk->signals & SIGNAL_MAIL);
}

static void a_deleted_contact_gets_none(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	enroll_mail(desk, 101);
	desk_sql(desk, "UPDATE contacts SET deleted_at = 1 WHERE id = 101");
	assert_int_equal(begin(desk).count, 0);
	expect_line(desk, "email_failed", "contact_deleted");
}

/* What waited when the copy was made may have left since; what came later has not. */
static void a_copy_put_back_is_not_sure(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PLAIN);
	enroll_mail(desk, 101);
	desk_sql(desk, "INSERT INTO meta (key, value) VALUES ('%s', '%" PRId64 "')",
		 META_RESTORED_COPY, desk_now(desk));
	pass(desk, SECOND_MS);
	enroll_mail(desk, 102);
	assert_int_equal(begin(desk).count, 0); /* a copy hands nothing over */
	struct restored_settle settle = {.is_done = false};
	while (!settle.is_done)
		assert_int_equal(store_write_now(desk->store, restored_settle, &settle),
				 ERR_OK);
	assert_int_equal(settle.emails, 1);
	expect_line(desk, "email_unsure", "put back from a copy");
	struct restored_resume resume = {.call = desk_call(desk, &flow_lead)};
	desk->signals = 0;
	assert_int_equal(desk_write(desk, restored_resume, &resume.call), ERR_OK);
	assert_true(desk->signals & SIGNAL_MAIL);
	assert_int_equal(begin(desk).count, 1);
	assert_int_equal(desk_number(desk,
				     "SELECT contact_id FROM emails WHERE state = %d",
				     EMAIL_SENDING),
			 102);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, flow_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_step_makes_one),
		T(what_is_not_made),
		T(a_hole_anywhere_sends_nothing),
		T(the_owner_speaks),
		T(without_a_server),
		T(a_trial_sends_nothing),
		T(one_visit_one_email),
		T(deferred_comes_again),
		T(days_have_a_bound),
		T(refused_and_unsure_are_the_end),
		T(a_kill_leaves_it_unsure),
		T(the_switch_stops_it),
		T(a_deleted_contact_gets_none),
		T(a_copy_put_back_is_not_sure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
