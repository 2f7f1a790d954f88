/* life_help.h - a desk (flow_help.h) on which texts are opened, sent, handed over and reported, for the tests of their life.
 *
 *	uint64_t task = life_task(desk, 101, ANA);
 *	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
 *	uint64_t text = life_send(desk, task, life_receipt(desk, &open), "Hello", ERR_OK);
 *	life_hand_over(desk, text, MESSAGE_EV_ACCEPTED);
 */
#ifndef HB_TESTS_LIFE_HELP_H
#define HB_TESTS_LIFE_HELP_H

#include "flow_help.h"

#include "core/channel.h"
#include "core/holds.h"
#include "core/messages.h"
#include "core/tasks.h"
#include "core/wake.h"

#define LIFE_PERSON(number, login_)                                                \
	{                                                                          \
		.kind = ACTOR_PERSONAL_TOKEN, .way = WAY_API, .user_id = (number), \
		.credential_id = 70 + (number), .role = ROLE_AGENT,                \
		.scopes = SCOPE_ALL, .name = (login_)                              \
	}
static const struct actor life_ana = LIFE_PERSON(ANA, "ana");
static const struct actor life_ben __attribute__((unused)) = LIFE_PERSON(BEN, "ben");

/* life_set_up - everybody sees everything, so that refusals are about acting. */
HELP int life_set_up(void **state)
{
	static struct policy policy;
	int rc = flow_set_up(state);
	policy = policy_default;
	policy.agents_see = AGENTS_SEE_ALL;
	if (rc == 0)
		atomic_store(&((struct desk *)*state)->core.policy, &policy);
	return rc;
}

#define LIFE(test) cmocka_unit_test_setup_teardown(test, life_set_up, flow_tear_down)

/* life_task - one that another program made; assignee 0: in the pool. */
HELP uint64_t life_task(struct desk *desk, uint64_t contact, uint64_t assignee)
{
	struct task_create cmd = {
		.call = desk_call(desk, &desk_shell),
		.contact_id = contact,
		.name = "Call",
		.text = "Hello",
		.assignee = {.kind = assignee ? WHO_ID : WHO_NOBODY, .id = assignee}};
	assert_int_equal(desk_write(desk, task_create, &cmd.call), ERR_OK);
	return (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
}

HELP struct task_open life_open(struct desk *desk, uint64_t task,
				const struct actor *actor, enum err expected)
{
	struct task_open cmd = {.call = desk_call(desk, actor), .task_id = task};
	assert_int_equal(desk_write(desk, task_open, &cmd.call), expected);
	return cmd;
}

/* life_compose - a card for a free reply. */
HELP struct task_open life_compose(struct desk *desk, uint64_t contact,
				   const struct actor *actor, enum err expected)
{
	struct task_open cmd = {.call = desk_call(desk, actor), .contact_id = contact};
	assert_int_equal(desk_write(desk, task_open, &cmd.call), expected);
	return cmd;
}

HELP const char *life_receipt(struct desk *desk, const struct task_open *open)
{
	const char *at = strstr(buf_str(&open->call.answer), "\"receipt\":\"");
	assert_non_null(at);
	at += strlen("\"receipt\":\"");
	return arena_strndup(desk->arena, at, strcspn(at, "\""));
}

struct life_try {
	uint64_t task;
	const struct actor *actor;
	const char *receipt, *text;
	int64_t undo_s;
	uint64_t contact; /* a free reply, task 0 */
};

/* life_send - the message's id, or 0 when it was refused as expected; *refusal_out may be NULL. */
HELP uint64_t life_send_as(struct desk *desk, const struct life_try *try,
			   enum err expected, struct refusal *refusal_out)
{
	struct task_send cmd = {.call = desk_call(desk, try->actor),
				.task_id = try->task,
				.contact_id = try->contact,
				.receipt = try->receipt,
				.text = try->text,
				.undo_s = try->undo_s};
	enum err err = desk_write(desk, task_send, &cmd.call);
	if (err != expected)
		fail_msg("send: %s, expected %s: %s", err_code(err), err_code(expected),
			 cmd.call.refusal.detail);
	if (refusal_out)
		*refusal_out = cmd.call.refusal;
	const char *id = strstr(buf_str(&cmd.call.answer), "{\"message\":{\"id\":\"");
	return id ? strtoull(id + strlen("{\"message\":{\"id\":\""), NULL, 10) : 0;
}

HELP uint64_t life_send(struct desk *desk, uint64_t task, const char *receipt,
			const char *text, enum err expected)
{
	return life_send_as(desk,
			    &(struct life_try){task, &life_ana, receipt, text, 0, 0},
			    expected, NULL);
}

/* life_approve - a task of Ana's to that contact, opened and sent. */
HELP uint64_t life_approve(struct desk *desk, uint64_t contact, uint64_t *task_out)
{
	uint64_t task = life_task(desk, contact, ANA);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	if (task_out)
		*task_out = task;
	return life_send(desk, task, life_receipt(desk, &open), "Hello", ERR_OK);
}

/* The strings of a write live no longer than its done: these are copied inside it. */
struct life_begin {
	struct handover_begin begin;
	struct arena *arena;
};

HELP enum err life_begin_fn(struct txn *txn, void *arg)
{
	struct life_begin *life = arg;
	enum err err = handover_begin(txn, &life->begin);
	for (size_t i = 0; i < life->begin.count; i++) {
		life->begin.texts[i].to =
			arena_strdup(life->arena, life->begin.texts[i].to);
		life->begin.texts[i].text =
			arena_strdup(life->arena, life->begin.texts[i].text);
	}
	return err;
}

HELP struct handover_begin life_begin(struct desk *desk, size_t limit)
{
	struct life_begin life = {.begin = {.limit = limit}, .arena = desk->arena};
	assert_int_equal(store_write_now(desk->store, life_begin_fn, &life), ERR_OK);
	return life.begin;
}

HELP void life_done(struct desk *desk, uint64_t message, enum message_event event)
{
	const struct handover_result result = {message, event, "said the gateway"};
	struct handover_done done = {&result, 1};
	assert_int_equal(store_write_now(desk->store, handover_done, &done), ERR_OK);
}

/* life_hand_over - everything that waits is begun; this one must be among it and ends so. */
HELP void life_hand_over(struct desk *desk, uint64_t message, enum message_event event)
{
	struct handover_begin begin = life_begin(desk, HANDOVER_MOST);
	bool found = false;
	for (size_t i = 0; i < begin.count; i++)
		found = found || begin.texts[i].id == message;
	assert_true(found);
	life_done(desk, message, event);
}

HELP struct report_apply life_report(struct desk *desk, uint64_t message, unsigned kind,
				     const char *event)
{
	struct report_apply cmd = {.call = desk_call(desk, &actor_system),
				   .id = message,
				   .event_id = event,
				   .detail = "said the SMSC",
				   .kind = kind};
	assert_int_equal(desk_write(desk, report_apply, &cmd.call), ERR_OK);
	return cmd;
}

HELP void life_expect_message(struct desk *desk, uint64_t message,
			      enum message_state expected)
{
	enum message_state is = (enum message_state)desk_number(
		desk, "SELECT state FROM messages WHERE id = %" PRIu64, message);
	if (is != expected)
		fail_msg("message is %s, expected %s", message_state_name(is),
			 message_state_name(expected));
}

HELP void life_expect_task(struct desk *desk, uint64_t task, enum task_state expected,
			   const char *attention)
{
	enum task_state is = (enum task_state)desk_number(
		desk, "SELECT state FROM tasks WHERE id = %" PRIu64, task);
	if (is != expected)
		fail_msg("task is %s, expected %s", task_state_name(is),
			 task_state_name(expected));
	assert_int_equal(
		desk_number(
			desk,
			"SELECT coalesce(attention, '') = '%s' FROM tasks WHERE id = %" PRIu64,
			attention ? attention : "", task),
		1);
}

/* life_pass - the clock moves and what falls due is done; when the next thing will. */
HELP int64_t life_pass(struct desk *desk, int64_t ms)
{
	struct task_clock clock = {.is_done = false};
	atomic_fetch_add(&desk->now_ms, ms);
	while (!clock.is_done)
		assert_int_equal(store_write_now(desk->store, task_clock, &clock),
				 ERR_OK);
	return clock.next_at;
}

/* life_wake - the clock moves and the enrollments whose wait is over go on; when the next one will. */
HELP int64_t life_wake(struct desk *desk, int64_t ms)
{
	struct wake wake = {.is_done = false};
	atomic_fetch_add(&desk->now_ms, ms);
	while (!wake.is_done)
		assert_int_equal(store_write_now(desk->store, wake_due, &wake), ERR_OK);
	return wake.next_at;
}

/* life_reply - a text of that contact comes in. */
HELP void life_reply(struct desk *desk, const char *from, const char *text)
{
	static unsigned events;
	struct inbound_take cmd = {
		.call = desk_call(desk, &actor_system),
		.event_id = arena_printf(desk->arena, "reply-%u", ++events),
		.from = from,
		.to = "12345",
		.text = text};
	assert_int_equal(desk_write(desk, inbound_take, &cmd.call), ERR_OK);
}

/* life_stands - where the enrollment stands: its step, and part of the reason. */
HELP void life_stands(struct desk *desk, uint64_t id, const char *step,
		      const char *reason)
{
	struct enrollment_get get = {.call = desk_call(desk, &flow_lead), .id = id};
	assert_int_equal(desk_read(desk, enrollment_get, &get.call), ERR_OK);
	if (!desk_answers(&get.call, arena_printf(desk->arena,
						  "\"step\":\"%s\",\"since\"", step)) ||
	    !desk_answers(&get.call, reason))
		fail_msg("it stands elsewhere");
}

/* life_ended - it ended so, for that reason. */
HELP void life_ended(struct desk *desk, uint64_t id, const char *state,
		     const char *reason)
{
	struct enrollment_get get = {.call = desk_call(desk, &flow_lead), .id = id};
	assert_int_equal(desk_read(desk, enrollment_get, &get.call), ERR_OK);
	if (!desk_answers(&get.call,
			  arena_printf(desk->arena,
				       "\"state\":\"%s\",\"position\":null", state)) ||
	    !desk_answers(&get.call,
			  arena_printf(desk->arena, "\"end_reason\":\"%s\"", reason)))
		fail_msg("it did not end so");
}

/* life_journal - how many lines of that kind have part in their detail. */
HELP int64_t life_journal(struct desk *desk, uint64_t id, const char *kind,
			  const char *part)
{
	return desk_number(desk,
			   "SELECT COUNT(*) FROM journal WHERE enrollment_id = %" PRIu64
			   " AND kind = '%s' AND instr(detail, '%s') > 0",
			   id, kind, part);
}

/* life_has_tag */
HELP bool life_has_tag(struct desk *desk, uint64_t contact, const char *tag)
{
	return desk_number(
		       desk,
		       "SELECT COUNT(*) FROM contact_tags WHERE contact_id = %" PRIu64
		       " AND tag = '%s'",
		       contact, tag) == 1;
}

HELP struct task_act life_act(struct desk *desk, uint64_t task,
			      const struct actor *actor)
{
	return (struct task_act){
		.call = desk_call(desk, actor), .task_id = task, .reason = "because"};
}

#endif
