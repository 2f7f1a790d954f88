/* test_compose.c - free replies: cards without a task, their leases, receipts and drafts, and what becomes of their texts */
#include "life_help.h"

#include "core/ledger.h"
#include "core/restored.h"
#include "store/meta_rows.h"

#define RUI 101u

static const struct actor lead = {.kind = ACTOR_PERSONAL_TOKEN,
				  .way = WAY_API,
				  .user_id = CAI,
				  .credential_id = 73,
				  .role = ROLE_LEAD,
				  .scopes = SCOPE_ALL,
				  .name = "cai"};

static uint64_t reply_as(struct desk *desk, const struct actor *actor,
			 const char *receipt, const char *text, enum err expected)
{
	const struct life_try try = {
		.actor = actor, .receipt = receipt, .text = text, .contact = RUI};
	return life_send_as(desk, &try, expected, NULL);
}

static uint64_t reply(struct desk *desk, const char *text)
{
	struct task_open open = life_compose(desk, RUI, &life_ana, ERR_OK);
	uint64_t message =
		reply_as(desk, &life_ana, life_receipt(desk, &open), text, ERR_OK);
	assert_true(message != 0);
	return message;
}

static enum err act(struct desk *desk, store_write_fn *write, const struct actor *actor,
		    const char *text, struct task_text *cmd)
{
	*cmd = (struct task_text){
		.call = desk_call(desk, actor), .contact_id = RUI, .text = text};
	return desk_write(desk, write, &cmd->call);
}

static void expect_draft(struct desk *desk, const char *text)
{
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM drafts WHERE card_id = 101"),
		text ? 1 : 0);
	if (text)
		assert_int_equal(
			desk_number(
				desk,
				"SELECT text = '%s' FROM drafts WHERE card_id = 101",
				text),
			1);
}

static void expect_ledger_holds(struct desk *desk, uint64_t sends)
{
	struct ledger_verify verify = {.expected = NULL};
	while (!verify.is_done)
		assert_int_equal(
			store_read_now(desk->store, ledger_verify_step, &verify),
			ERR_OK);
	if (verify.broken.what)
		fail_msg("%s", verify.broken.what);
	assert_int_equal(verify.sends, sends);
	ledger_verify_fini(&verify);
}

static void a_reply_goes_as_a_task_does(void **state)
{
	struct desk *desk = *state;
	struct task_open open = life_compose(desk, RUI, &life_ana, ERR_OK);
	assert_true(desk_answers(&open.call, "\"task\":null"));
	assert_true(desk_answers(&open.call, "\"text\":\"\""));
	assert_true(desk_answers(
		&open.call, "\"lease\":{\"holder\":{\"id\":\"1\",\"login\":\"ana\""));
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM tasks"), 0);
	const char *receipt = life_receipt(desk, &open);
	assert_int_equal(reply_as(desk, &life_ben, receipt, "Hello", ERR_RECEIPT_STALE),
			 0);
	uint64_t message = reply_as(desk, &life_ana, receipt, "Hello", ERR_OK);
	assert_int_equal(reply_as(desk, &life_ana, receipt, "Hello", ERR_OK), message);
	reply_as(desk, &life_ana, receipt, "Another", ERR_RECEIPT_USED);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM messages WHERE task_id IS NULL AND sent_by = 1"),
		1);
	assert_int_equal(
		desk_number(desk, "SELECT texter_id FROM contacts WHERE id = 101"),
		ANA);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM leases"), 0);
	life_hand_over(desk, message, MESSAGE_EV_ACCEPTED);
	life_report(desk, message, 1, "e1");
	life_expect_message(desk, message, MESSAGE_DELIVERED);
	expect_draft(desk, NULL);
	expect_ledger_holds(desk, 1);
}

/* A receipt is of one card: a task's sends no free reply, nor the other way round, nor to another contact. */
static void a_receipt_is_of_its_card(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, RUI, ANA);
	struct task_open of_task = life_open(desk, task, &life_ana, ERR_OK);
	struct task_open of_reply = life_compose(desk, RUI, &life_ana, ERR_OK);
	const char *receipt = life_receipt(desk, &of_reply);
	reply_as(desk, &life_ana, life_receipt(desk, &of_task), "Hello",
		 ERR_RECEIPT_STALE);
	life_send(desk, task, receipt, "Hello", ERR_RECEIPT_STALE);
	const struct life_try other = {.actor = &life_ana,
				       .receipt = receipt,
				       .text = "Hello",
				       .contact = 102};
	life_send_as(desk, &other, ERR_RECEIPT_STALE, NULL);
	/* two cards to one person: the text of one makes the other's thread another */
	assert_true(reply_as(desk, &life_ana, receipt, "Hello", ERR_OK) != 0);
	life_send(desk, task, life_receipt(desk, &of_task), "Hello", ERR_RECEIPT_STALE);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM messages"), 1);
}

static void two_people_and_one_contact(void **state)
{
	struct desk *desk = *state;
	struct task_text cmd;
	struct task_open ana = life_compose(desk, RUI, &life_ana, ERR_OK);
	struct task_open ben = life_compose(desk, RUI, &life_ben, ERR_LEASED);
	assert_non_null(strstr(ben.call.refusal.extra, "\"login\":\"ana\""));
	assert_int_equal(act(desk, task_check, &life_ben, "x", &cmd), ERR_LEASED);
	assert_int_equal(act(desk, task_draft, &life_ana, "Half a", &cmd), ERR_OK);
	assert_true(desk_answers(&cmd.call, "\"segments\""));
	assert_int_equal(act(desk, task_renew, &life_ana, NULL, &cmd), ERR_OK);

	/* a lead takes it over with the draft; Ana's receipt is fenced off */
	ben = (struct task_open){
		.call = desk_call(desk, &lead), .contact_id = RUI, .take_over = true};
	assert_int_equal(desk_write(desk, task_open, &ben.call), ERR_OK);
	assert_true(desk_answers(&ben.call, "\"text\":\"Half a\",\"draft\":true"));
	reply_as(desk, &life_ana, life_receipt(desk, &ana), "Hello", ERR_LEASED);
	assert_int_equal(act(desk, task_close, &life_ana, NULL, &cmd), ERR_LEASED);
	assert_int_equal(act(desk, task_close, &lead, NULL, &cmd), ERR_OK);
	reply_as(desk, &lead, life_receipt(desk, &ben), "Hello", ERR_RECEIPT_STALE);

	/* given back: anybody may */
	ana = life_compose(desk, RUI, &life_ana, ERR_OK);
	assert_true(reply_as(desk, &life_ana, life_receipt(desk, &ana), "Half a text",
			     ERR_OK) != 0);
	expect_draft(desk, NULL);
}

static void a_change_voids_the_receipt(void **state)
{
	static const struct {
		const char *change, *word;
	} cases[] = {
		{"UPDATE contacts SET thread_head_id = 5 WHERE id = 101", "thread"},
		{"UPDATE contacts SET owner_id = 2 WHERE id = 101", "assignee"},
		{"UPDATE leases SET fence = fence + 1", "lease"},
		{"UPDATE contacts SET phone_e164 = '+351912999999' WHERE id = 101",
		 "recipient"},
		{"INSERT INTO numbers (e164, consent_revision) VALUES ('+351912999999', 4)",
		 "consent"},
	};
	struct desk *desk = *state;
	struct refusal refusal;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct task_open open = life_compose(desk, RUI, &lead, ERR_OK);
		desk_sql(desk, "%s", cases[i].change);
		const struct life_try try = {.actor = &lead,
					     .receipt = life_receipt(desk, &open),
					     .text = "Hello",
					     .contact = RUI};
		life_send_as(desk, &try, ERR_RECEIPT_STALE, &refusal);
		assert_string_equal(refusal.extra,
				    arena_printf(desk->arena, "\"changed\":[\"%s\"]",
						 cases[i].word));
	}
	/* opened again, the older one no longer holds */
	struct task_open first = life_compose(desk, RUI, &lead, ERR_OK),
			 second = life_compose(desk, RUI, &lead, ERR_OK);
	reply_as(desk, &lead, life_receipt(desk, &first), "Hello", ERR_RECEIPT_STALE);
	assert_true(reply_as(desk, &lead, life_receipt(desk, &second), "Hello",
			     ERR_OK) != 0);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM messages"), 1);
}

static void guards_hold_for_replies(void **state)
{
	static const struct {
		const char *change, *back, *guard, *text;
	} cases[] = {
		{"UPDATE contacts SET sms_enabled = 0",
		 "UPDATE contacts SET sms_enabled = 1", "sms_enabled", "Hello"},
		{"INSERT INTO holds VALUES (1, '+351912000000', 'ambiguous', 1)",
		 "DELETE FROM holds", "hold", "Hello"},
		{"INSERT INTO numbers (e164, is_opted_out) VALUES ('+351912000000', 1)",
		 "DELETE FROM numbers", "opted_out", "Hello"},
		{"UPDATE contacts SET deleted_at = 1",
		 "UPDATE contacts SET deleted_at = NULL", "sms_enabled", "Hello"},
		{"SELECT 1", "SELECT 1", "text_empty", " "},
	};
	struct desk *desk = *state;
	struct refusal refusal;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct task_open open = life_compose(desk, RUI, &life_ana, ERR_OK);
		desk_sql(desk, "%s", cases[i].change);
		const struct life_try try = {.actor = &life_ana,
					     .receipt = life_receipt(desk, &open),
					     .text = cases[i].text,
					     .contact = RUI};
		life_send_as(desk, &try, ERR_GUARD_REFUSED, &refusal);
		assert_non_null(strstr(refusal.extra,
				       arena_printf(desk->arena,
						    "{\"name\":\"%s\",\"ok\":false",
						    cases[i].guard)));
		desk_sql(desk, "%s", cases[i].back);
	}
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM messages"), 0);
}

/* Whose a conversation is: the owner's, else theirs who texted last, else anybody's. */
static void whose_it_is(void **state)
{
	struct desk *desk = *state;
	struct policy policy = policy_default;
	desk_sql(desk, "UPDATE contacts SET owner_id = 2 WHERE id = 101");
	life_compose(desk, RUI, &life_ana,
		     ERR_FORBIDDEN); /* sees it, and may not answer */
	policy.agents_see = AGENTS_SEE_OWN;
	atomic_store(&desk->core.policy, &policy);
	life_compose(desk, RUI, &life_ana, ERR_NOT_FOUND);
	policy.agents_see = AGENTS_SEE_TEAM;
	life_compose(desk, RUI, &life_ana, ERR_NOT_FOUND);
	desk_sql(desk, "INSERT INTO teams VALUES (5, 'sales', 1)");
	desk_sql(desk, "INSERT INTO team_members VALUES (5, 1), (5, 2)");
	life_compose(desk, RUI, &life_ana, ERR_FORBIDDEN);
	struct task_open open = life_compose(desk, RUI, &life_ben, ERR_OK);
	reply_as(desk, &life_ben, life_receipt(desk, &open), "Hello", ERR_OK);

	policy.agents_see = AGENTS_SEE_OWN;
	desk_sql(desk, "UPDATE contacts SET owner_id = NULL WHERE id = 101");
	life_compose(desk, RUI, &life_ana, ERR_NOT_FOUND); /* Ben texted last */
	open = life_compose(desk, RUI, &life_ben, ERR_OK);
	desk_sql(desk, "UPDATE contacts SET owner_id = 1 WHERE id = 101");
	life_compose(desk, RUI, &life_ben, ERR_NOT_FOUND);
	reply_as(desk, &life_ben, life_receipt(desk, &open), "Hello",
		 ERR_RECEIPT_STALE);
	life_compose(desk, 102, &life_ben, ERR_OK); /* nobody's */
	life_compose(desk, 999, &lead, ERR_NOT_FOUND);
}

/* What did not go waits in the next card; nothing of it is sent a second time unaware. */
static void what_did_not_go_comes_back(void **state)
{
	struct desk *desk = *state;
	uint64_t message = reply(desk, "Refused");
	life_hand_over(desk, message, MESSAGE_EV_REFUSED);
	expect_draft(desk, "Refused");

	/* Kannel had it in spite of all: the text is offered no longer, and an open card is stale */
	struct task_open open = life_compose(desk, RUI, &life_ana, ERR_OK);
	assert_true(desk_answers(&open.call, "\"text\":\"Refused\",\"draft\":true"));
	life_report(desk, message, 8, "late");
	expect_draft(desk, NULL);
	reply_as(desk, &life_ana, life_receipt(desk, &open), "Refused",
		 ERR_RECEIPT_STALE);

	/* taken back before it left */
	message = reply(desk, "Too early");
	struct message_recall recall = {.call = desk_call(desk, &life_ana),
					.message_id = message};
	assert_int_equal(desk_write(desk, message_recall, &recall.call), ERR_OK);
	expect_draft(desk, "Too early");
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM outbox"), 0);

	/* uncertain: a person finds that it was not sent. What somebody typed meanwhile stays */
	message = reply(desk, "Who knows");
	life_hand_over(desk, message, MESSAGE_EV_UNCERTAIN);
	expect_draft(desk, NULL);
	struct task_text typed;
	life_compose(desk, RUI, &life_ana, ERR_OK);
	assert_int_equal(act(desk, task_draft, &life_ana, "Typed since", &typed),
			 ERR_OK);
	struct message_resolve resolve = {.call = desk_call(desk, &life_ana),
					  .ids = &message,
					  .count = 1,
					  .evidence = "asked him"};
	assert_int_equal(desk_write(desk, message_resolve, &resolve.call), ERR_OK);
	expect_draft(desk, "Typed since");
	expect_ledger_holds(desk, 3);
}

static void what_turns_bad_is_withdrawn(void **state)
{
	struct desk *desk = *state;
	uint64_t message = reply(desk, "Hello");
	desk_sql(desk, "UPDATE contacts SET sms_enabled = 0");
	assert_int_equal(life_begin(desk, HANDOVER_MOST).count, 0);
	life_expect_message(desk, message, MESSAGE_WITHDRAWN);
	expect_draft(desk, "Hello");
	desk_sql(desk, "UPDATE contacts SET sms_enabled = 1");
	message = reply(desk, "Hello again");
	desk_sql(
		desk,
		"INSERT OR REPLACE INTO numbers (e164, is_opted_out) VALUES ('+351912000000', 1)");
	assert_int_equal(life_begin(desk, HANDOVER_MOST).count, 0);
	life_expect_message(desk, message, MESSAGE_WITHDRAWN);
	expect_draft(desk, NULL);
}

static enum err mark_copy(struct txn *txn, void *arg)
{
	(void)arg;
	return meta_rows_set(txn_db(txn), META_RESTORED_COPY, "9000000000000");
}

static void a_restored_copy_hands_no_reply_over(void **state)
{
	struct desk *desk = *state;
	struct restored_settle settle = {.is_done = false};
	uint64_t message = reply(desk, "Hello");
	struct task_open open = life_compose(desk, RUI, &life_ana, ERR_OK);
	assert_int_equal(store_write_now(desk->store, mark_copy, NULL), ERR_OK);
	while (!settle.is_done)
		assert_int_equal(store_write_now(desk->store, restored_settle, &settle),
				 ERR_OK);
	life_expect_message(desk, message, MESSAGE_UNCERTAIN);
	reply_as(desk, &life_ana, life_receipt(desk, &open), "Hello",
		 ERR_RECEIPT_STALE);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM outbox"), 0);
	expect_ledger_holds(desk, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(a_reply_goes_as_a_task_does),
		LIFE(a_receipt_is_of_its_card),
		LIFE(two_people_and_one_contact),
		LIFE(a_change_voids_the_receipt),
		LIFE(guards_hold_for_replies),
		LIFE(whose_it_is),
		LIFE(what_did_not_go_comes_back),
		LIFE(what_turns_bad_is_withdrawn),
		LIFE(a_restored_copy_hands_no_reply_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
