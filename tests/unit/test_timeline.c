/* test_timeline.c - all that happened with a contact, in one order */
#include "life_help.h"

#include "core/contacts.h"
#include "core/conversations.h"

static const char *kinds_of(struct desk *desk, struct timeline *query,
			    const char **next_out)
{
	static const char item[] = "{\"kind\":\"", next[] = "\"next\":\"";
	struct buf kinds = BUF_EMPTY;
	assert_int_equal(desk_read(desk, timeline, &query->call), ERR_OK);
	const char *answer = buf_str(&query->call.answer);
	for (const char *at = answer; (at = strstr(at, item));) {
		at += strlen(item);
		buf_printf(&kinds, "%s%.*s", kinds.len ? " " : "",
			   (int)strcspn(at, "\""), at);
	}
	const char *cursor = strstr(answer, next);
	*next_out = cursor ? arena_strndup(desk->arena, cursor + strlen(next),
					   strcspn(cursor + strlen(next), "\""))
			   : NULL;
	const char *found = arena_strdup(desk->arena, buf_str(&kinds));
	buf_fini(&kinds);
	return found;
}

static void the_timeline_has_everything(void **state)
{
	static const char everything[] =
		"tag_added tag_added consent task_ended message enrollment_ended "
		"message task_created enrolled note";
	struct desk *desk = *state;
	const char *next;
	flow_publish(desk, "w",
		     "<manual-sms id='hello' name='Call' "
		     "expires='3d'><message>Hi</message></manual-sms>");
	struct note_add note = {
		.call = desk_call(desk, &life_ana), .contact_id = 101, .text = "first"};
	assert_int_equal(desk_write(desk, note_add, &note.call), ERR_OK);
	atomic_fetch_add(&desk->now_ms, 1000);
	flow_enroll(desk, "w", 101, "enrolled");
	uint64_t task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	atomic_fetch_add(&desk->now_ms, 1000);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	uint64_t sent = life_send(desk, task, life_receipt(desk, &open), "Hi", ERR_OK);
	desk_sql(desk,
		 "UPDATE tasks SET ended_at = ended_at + 2000 WHERE id = %" PRIu64,
		 task);
	atomic_fetch_add(&desk->now_ms, 1000);
	life_hand_over(desk, sent, MESSAGE_EV_ACCEPTED);
	atomic_fetch_add(&desk->now_ms, 500);
	life_reply(desk, "+351912000000", "stop it");
	desk_sql(desk, "UPDATE tasks SET ended_at = %lld WHERE id = %" PRIu64,
		 (long long)atomic_load(&desk->now_ms) + 1, task);
	atomic_fetch_add(&desk->now_ms, 1000);
	struct contact_consent out = {
		.call = desk_call(desk, &life_ana), .id = 101, .reason = "asked"};
	assert_int_equal(desk_write(desk, contact_opt_out, &out.call), ERR_OK);
	desk_sql(desk,
		 "INSERT INTO contact_tags VALUES (101, 'a', %lld), (101, 'b', %lld)",
		 (long long)atomic_load(&desk->now_ms) + 1,
		 (long long)atomic_load(&desk->now_ms) + 1);

	struct timeline query = {
		.call = desk_call(desk, &life_ana), .contact_id = 101, .limit = 50};
	assert_string_equal(kinds_of(desk, &query, &next), everything);
	assert_null(next);
	assert_true(desk_answers(&query.call, "\"note\":{\"id\":"));
	assert_true(desk_answers(
		&query.call, "\"opted_out\":true,\"by\":\"ana\",\"reason\":\"asked\""));
	/* page by page, the same, also where two things have one place */
	for (size_t limit = 1; limit < 4; limit++) {
		const char *seen = "";
		next = NULL;
		do {
			query = (struct timeline){.call = desk_call(desk, &life_ana),
						  .contact_id = 101,
						  .limit = limit,
						  .cursor = next};
			const char *found = kinds_of(desk, &query, &next);
			seen = arena_printf(desk->arena, "%s%s%s", seen,
					    *seen ? " " : "", found);
		} while (next);
		assert_string_equal(seen, everything);
	}
	query = (struct timeline){.call = desk_call(desk, &life_ana),
				  .contact_id = 101,
				  .limit = 5,
				  .cursor = "rubbish"};
	assert_int_equal(desk_read(desk, timeline, &query.call), ERR_BAD_CURSOR);
	query = (struct timeline){
		.call = desk_call(desk, &life_ana), .contact_id = 999, .limit = 5};
	assert_int_equal(desk_read(desk, timeline, &query.call), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {LIFE(the_timeline_has_everything)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
