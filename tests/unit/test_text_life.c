/* test_text_life.c - what becomes of a text after its approval: hand-over, outcomes, reports in any order, resolving */
#include "life_help.h"

static void accepted_then_delivered(void **state)
{
	struct desk *desk = *state;
	uint64_t task, text = life_approve(desk, 101, &task);
	life_expect_message(desk, text, MESSAGE_APPROVED);
	struct handover_begin begin = life_begin(desk, 5);
	assert_int_equal(begin.count, 1);
	assert_string_equal(begin.texts[0].to, "+351912000000");
	assert_string_equal(begin.texts[0].text, "Hello");
	assert_int_equal(begin.texts[0].validity_s, 24 * 3600);
	life_expect_message(desk, text, MESSAGE_HANDING_OVER);
	assert_int_equal(life_begin(desk, 5).count, 0); /* marked once */
	life_done(desk, text, MESSAGE_EV_ACCEPTED);
	life_report(desk, text, 8, "e1");
	life_report(desk, text, 1, "e2");
	life_expect_message(desk, text, MESSAGE_DELIVERED);
	life_expect_task(desk, task, TASK_SENT, NULL);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM outbox"), 0);
}

/* One open text a number, in the order of approval; other numbers do not wait for it. */
static void order_within_a_number(void **state)
{
	struct desk *desk = *state;
	uint64_t first = life_approve(desk, 101, NULL),
		 second = life_approve(desk, 101, NULL);
	uint64_t other = life_approve(desk, 102, NULL);
	struct handover_begin begin = life_begin(desk, 10);
	assert_int_equal(begin.count, 2);
	assert_true(begin.texts[0].id == first && begin.texts[1].id == other);
	life_done(desk, first, MESSAGE_EV_NOT_TAKEN);
	life_expect_message(desk, first, MESSAGE_APPROVED);
	begin = life_begin(desk, 10);
	assert_int_equal(begin.count, 1);
	assert_true(begin.texts[0].id == first); /* still before the second */
	life_done(desk, first, MESSAGE_EV_UNCERTAIN);
	begin = life_begin(desk, 10); /* an uncertain one does not block the next */
	assert_int_equal(begin.count, 1);
	assert_true(begin.texts[0].id == second);
}

static void uncertain_is_never_sent_again(void **state)
{
	struct desk *desk = *state;
	uint64_t task, text = life_approve(desk, 101, &task);
	life_hand_over(desk, text, MESSAGE_EV_UNCERTAIN);
	life_expect_task(desk, task, TASK_SENT, "uncertain");
	assert_int_equal(life_begin(desk, 10).count, 0);
	struct task_act back = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_reopen, &back.call), ERR_BAD_STATE);
	life_report(desk, text, 8, "e1"); /* a late report ends it */
	life_expect_message(desk, text, MESSAGE_ACCEPTED);
	life_expect_task(desk, task, TASK_SENT, NULL);
}

static enum err resolve(struct desk *desk, uint64_t text, bool was_sent)
{
	struct message_resolve cmd = {.call = desk_call(desk, &life_ana),
				      .ids = &text,
				      .count = 1,
				      .was_sent = was_sent,
				      .evidence = "She called: nothing came."};
	return desk_write(desk, message_resolve, &cmd.call);
}

static void a_person_resolves_and_a_report_wins(void **state)
{
	struct desk *desk = *state;
	uint64_t task, text = life_approve(desk, 101, &task);
	assert_int_equal(resolve(desk, text, true), ERR_BAD_STATE);
	life_hand_over(desk, text, MESSAGE_EV_UNCERTAIN);
	assert_int_equal(resolve(desk, text, false), ERR_OK);
	life_expect_message(desk, text, MESSAGE_REFUSED);
	life_expect_task(desk, task, TASK_PENDING, "refused");
	life_report(desk, text, 1, "late");
	life_expect_message(desk, text, MESSAGE_DELIVERED);
	life_expect_task(desk, task, TASK_HELD, "refused");
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM holds WHERE reason = 'first_text_arrived'"),
		1);
	struct task_act resume = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_resume, &resume.call), ERR_OK);
	life_expect_task(desk, task, TASK_PENDING, "refused");
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'resolve'"),
		1);

	text = life_approve(desk, 102, &task);
	life_hand_over(desk, text, MESSAGE_EV_UNCERTAIN);
	assert_int_equal(resolve(desk, text, true), ERR_OK);
	life_expect_message(desk, text, MESSAGE_ACCEPTED);
	life_expect_task(desk, task, TASK_SENT, NULL);
}

/* Sent again after "not sent", and then the first arrives after all: on record, for everybody to see. */
static void the_second_text_is_on_record(void **state)
{
	struct desk *desk = *state;
	uint64_t task, text = life_approve(desk, 101, &task);
	life_hand_over(desk, text, MESSAGE_EV_UNCERTAIN);
	assert_int_equal(resolve(desk, text, false), ERR_OK);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	uint64_t second =
		life_send(desk, task, life_receipt(desk, &open), "Hello again", ERR_OK);
	life_report(desk, text, 8, "late");
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE act = 'first_text_arrived'"),
		1);
	life_expect_task(desk, task, TASK_SENT, NULL);
	life_expect_message(desk, second, MESSAGE_APPROVED);
}

static void refused_comes_back_and_may_still_go(void **state)
{
	struct desk *desk = *state;
	uint64_t task, text = life_approve(desk, 101, &task);
	life_hand_over(desk, text, MESSAGE_EV_REFUSED);
	life_expect_message(desk, text, MESSAGE_REFUSED);
	life_expect_task(desk, task, TASK_PENDING, "refused");
	life_report(desk, text, 8, "after a restart of Kannel");
	life_expect_message(desk, text, MESSAGE_ACCEPTED);
	life_expect_task(desk, task, TASK_HELD, "refused");
}

static void failed_later_asks_for_a_person(void **state)
{
	struct desk *desk = *state;
	uint64_t task, text = life_approve(desk, 101, &task);
	life_hand_over(desk, text, MESSAGE_EV_ACCEPTED);
	life_report(desk, text, 2, "e1");
	life_expect_message(desk, text, MESSAGE_FAILED);
	life_expect_task(desk, task, TASK_SENT, "failed");
	struct task_act back = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_reopen, &back.call), ERR_OK);
	life_report(desk, text, 1, "e2"); /* delivered beats failed */
	life_expect_message(desk, text, MESSAGE_DELIVERED);
	life_expect_task(desk, task, TASK_HELD, "failed");
}

/* Every order of the reports of one text ends the same. */
static void reports_in_any_order(void **state)
{
	struct desk *desk = *state;
	static const unsigned kinds[] = {8, 4, 1};
	static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
					{1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	for (size_t order = 0; order < 6; order++)
		for (int answered_after = 0; answered_after <= 3; answered_after++) {
			uint64_t text = life_approve(desk, 101 + order, NULL);
			life_begin(desk, HANDOVER_MOST);
			for (int i = 0; i < 3; i++) {
				if (answered_after == i)
					life_done(desk, text, MESSAGE_EV_ACCEPTED);
				unsigned kind = kinds[orders[order][i]];
				const char *event =
					arena_printf(desk->arena, "%u", kind);
				assert_false(life_report(desk, text, kind, event)
						     .is_repeated);
				assert_true(life_report(desk, text, kind, event)
						    .is_repeated);
			}
			if (answered_after == 3)
				life_done(desk, text, MESSAGE_EV_ACCEPTED);
			life_expect_message(desk, text, MESSAGE_DELIVERED);
		}
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM outbox"), 0);
	assert_true(life_report(desk, 4711, 1, "e").is_unknown);
}

/* A report of a text that was not taken, as far as we know, keeps it from going a second time. */
static void a_report_stops_the_second_attempt(void **state)
{
	struct desk *desk = *state;
	uint64_t text = life_approve(desk, 101, NULL);
	life_hand_over(desk, text, MESSAGE_EV_NOT_TAKEN);
	life_report(desk, text, 8, "e1");
	life_expect_message(desk, text, MESSAGE_ACCEPTED);
	assert_int_equal(life_begin(desk, 10).count, 0);

	text = life_approve(desk, 102, NULL);
	life_begin(desk, 10);
	life_report(desk, text, 8, "e1");
	life_done(desk, text, MESSAGE_EV_NOT_TAKEN);
	life_expect_message(desk, text, MESSAGE_ACCEPTED);
	assert_int_equal(life_begin(desk, 10).count, 0);
}

static void what_turns_bad_while_waiting_is_withdrawn(void **state)
{
	static const struct {
		const char *change;
		enum task_state task;
	} cases[] = {
		{"INSERT INTO numbers (e164, is_opted_out) VALUES ('+351912000000', 1) "
		 "ON CONFLICT (e164) DO UPDATE SET is_opted_out = 1",
		 TASK_CANCELLED},
		{"UPDATE contacts SET phone_e164 = '+351912999999' WHERE id = 101",
		 TASK_PENDING},
		{"UPDATE contacts SET sms_enabled = 0 WHERE id = 101", TASK_PENDING},
		{"INSERT INTO holds VALUES (1, '+351912000000', 'ambiguous', 1)",
		 TASK_HELD},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		void *fresh = NULL;
		(void)state;
		assert_int_equal(life_set_up(&fresh), 0);
		struct desk *desk = fresh;
		uint64_t task, text = life_approve(desk, 101, &task);
		desk_sql(desk, "%s", cases[i].change);
		assert_int_equal(life_begin(desk, 10).count, 0);
		life_expect_message(desk, text, MESSAGE_WITHDRAWN);
		assert_int_equal(desk_number(desk, "SELECT state FROM tasks"),
				 cases[i].task);
		assert_int_equal(desk_number(desk, "SELECT count(*) FROM outbox"), 0);
		assert_int_equal(flow_tear_down(&fresh), 0);
	}
}

static void an_old_approval_is_not_handed_over(void **state)
{
	struct desk *desk = *state;
	uint64_t task, text = life_approve(desk, 101, &task);
	life_pass(desk, 2 * HOUR_MS - 1);
	assert_int_equal(life_begin(desk, 1).texts[0].validity_s, 22 * 3600 + 1);
	life_done(desk, text, MESSAGE_EV_NOT_TAKEN);
	life_pass(desk, 1);
	assert_int_equal(life_begin(desk, 1).count, 0);
	life_expect_message(desk, text, MESSAGE_WITHDRAWN);
	life_expect_task(desk, task, TASK_PENDING, "withdrawn");
}

static void the_switch_stops_everything(void **state)
{
	struct desk *desk = *state;
	uint64_t text = life_approve(desk, 101, NULL);
	struct channel_set off = {.call = desk_call(desk, &desk_shell),
				  .reason = "stop"};
	assert_int_equal(desk_write(desk, channel_set, &off.call), ERR_OK);
	assert_true(
		desk_answers(&off.call, "\"sms_enabled\":false,\"reason\":\"stop\""));
	assert_int_equal(life_begin(desk, 10).count, 0);
	life_expect_message(desk, text, MESSAGE_APPROVED);
	struct channel_set on = {
		.call = desk_call(desk, &desk_shell), .enable = true, .reason = "go"};
	assert_int_equal(desk_write(desk, channel_set, &on.call), ERR_OK);
	assert_int_equal(life_begin(desk, 10).count, 1);
}

static void undo_keeps_it_back(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	const struct life_try try = {task, &life_ana, life_receipt(desk, &open),
				     "Hello", 5};
	uint64_t text = life_send_as(desk, &try, ERR_OK, NULL);
	struct handover_begin begin = life_begin(desk, 10);
	assert_int_equal(begin.count, 0);
	assert_int_equal(begin.next_at, desk_now(desk) + 5 * SECOND_MS);
	struct message_recall recall = {.call = desk_call(desk, &life_ana),
					.message_id = text};
	assert_int_equal(desk_write(desk, message_recall, &recall.call), ERR_OK);
	life_expect_message(desk, text, MESSAGE_WITHDRAWN);
	life_expect_task(desk, task, TASK_PENDING, NULL);

	open = life_open(desk, task, &life_ana, ERR_OK);
	const struct life_try again = {task, &life_ana, life_receipt(desk, &open),
				       "Hello", 5};
	text = life_send_as(desk, &again, ERR_OK, NULL);
	life_pass(desk, 5 * SECOND_MS);
	assert_int_equal(life_begin(desk, 10).count, 1);
	recall = (struct message_recall){.call = desk_call(desk, &life_ana),
					 .message_id = text};
	assert_int_equal(desk_write(desk, message_recall, &recall.call), ERR_TOO_LATE);
}

static void a_crash_leaves_uncertainty_not_doubles(void **state)
{
	struct desk *desk = *state;
	uint64_t task, out = life_approve(desk, 101, &task);
	life_begin(desk, 1);
	uint64_t waiting = life_approve(desk, 102, NULL);
	desk->core.epoch++; /* another life */
	struct handover_recover recover = {.count = 1};
	while (recover.count)
		assert_int_equal(
			store_write_now(desk->store, handover_recover, &recover),
			ERR_OK);
	life_expect_message(desk, out, MESSAGE_UNCERTAIN);
	life_expect_task(desk, task, TASK_SENT, "uncertain");
	struct handover_begin begin = life_begin(desk, 10);
	assert_int_equal(begin.count, 1);
	assert_true(begin.texts[0].id == waiting);
}

static void the_workflow_waits_for_the_gateway(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     PEOPLE("who", "", "<user login='ana'/>")
			     SMS("one") "<add-tag tag='after'/>");
	flow_enroll(desk, "w", 101, "enrolled");
	uint64_t task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	uint64_t text =
		life_send(desk, task, life_receipt(desk, &open), "Hello", ERR_OK);
	life_hand_over(desk, text, MESSAGE_EV_UNCERTAIN);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM contact_tags"), 0);
	life_report(desk, text, 8, "e1");
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM contact_tags"), 1);
	life_report(desk, text, 2, "e2");
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM journal WHERE kind = 'tag_added'"),
		1);
	assert_int_equal(desk_number(desk, "SELECT state FROM enrollments"),
			 ENROLLMENT_COMPLETED);
}

static void inbound_once_and_to_the_right_contact(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	for (int i = 0; i < 3; i++) {
		struct inbound_take in = {.call = desk_call(desk, &actor_system),
					  .event_id = "mo-1",
					  .from = "351912000000",
					  .to = "12345",
					  .text = "Who is this?"};
		assert_int_equal(desk_write(desk, inbound_take, &in.call), ERR_OK);
		assert_int_equal(in.is_repeated, i > 0);
	}
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM messages WHERE is_inbound = 1"),
		1);
	assert_int_equal(
		desk_number(desk,
			    "SELECT contact_id FROM messages WHERE is_inbound = 1"),
		101);
	struct refusal refusal;
	const struct life_try try = {task, &life_ana, life_receipt(desk, &open),
				     "Hello", 0};
	life_send_as(desk, &try, ERR_RECEIPT_STALE, &refusal);
	assert_string_equal(refusal.extra, "\"changed\":[\"thread\"]");
	open = life_open(desk, task, &life_ana, ERR_OK);
	assert_true(desk_answers(&open.call, "Who is this?"));
	assert_true(life_send(desk, task, life_receipt(desk, &open), "It is me",
			      ERR_OK) != 0);

	struct inbound_take stranger = {.call = desk_call(desk, &actor_system),
					.event_id = "mo-2",
					.from = "+351919999999",
					.to = "12345",
					.text = "Hello?"};
	assert_int_equal(desk_write(desk, inbound_take, &stranger.call), ERR_OK);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM contacts WHERE phone_e164 = '+351919999999'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(accepted_then_delivered),
		LIFE(order_within_a_number),
		LIFE(uncertain_is_never_sent_again),
		LIFE(a_person_resolves_and_a_report_wins),
		LIFE(the_second_text_is_on_record),
		LIFE(refused_comes_back_and_may_still_go),
		LIFE(failed_later_asks_for_a_person),
		LIFE(reports_in_any_order),
		LIFE(a_report_stops_the_second_attempt),
		LIFE(what_turns_bad_while_waiting_is_withdrawn),
		LIFE(an_old_approval_is_not_handed_over),
		LIFE(the_switch_stops_everything),
		LIFE(undo_keeps_it_back),
		LIFE(a_crash_leaves_uncertainty_not_doubles),
		LIFE(the_workflow_waits_for_the_gateway),
		LIFE(inbound_once_and_to_the_right_contact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
