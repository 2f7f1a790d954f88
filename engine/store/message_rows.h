/* message_rows.h - texts in and out, their reports, and the outbox. */
#ifndef HB_STORE_MESSAGE_ROWS_H
#define HB_STORE_MESSAGE_ROWS_H

#include "base/mem.h"
#include "model/records.h"
#include "store/store.h"

enum err message_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct message *message_out) MUST_CHECK;

/* ERR_DUPLICATE: the receipt has its message, or the inbound event its row. */
enum err message_rows_insert(struct db *db, const struct message *message) MUST_CHECK;

/* message_rows_save - state, detail, resolution; nothing of what a person approved ever changes. */
enum err message_rows_save(struct db *db, const struct message *message) MUST_CHECK;

enum err message_rows_by_event(struct db *db, const char *event_id,
			       uint64_t *id_out) MUST_CHECK;

/* message_rows_inbound_after - the contact's first text above that id. ERR_NOT_FOUND: none. */
enum err message_rows_inbound_after(struct db *db, uint64_t contact_id,
				    uint64_t after_id, uint64_t *id_out) MUST_CHECK;

/* message_rows_reply_after - the same among those that do not ask to be left alone: what can be an answer. */
enum err message_rows_reply_after(struct db *db, uint64_t contact_id, uint64_t after_id,
				  uint64_t *id_out) MUST_CHECK;

/* message_rows_went - the newest texts to a number, at most limit, that were approved after that instant and went or may
 * have gone: all but those of test runs and those that certainly did not go. */
struct message_went {
	unsigned count;
	int64_t oldest_at; /* of these; 0: there are none */
};
enum err message_rows_went(struct db *db, const char *number, int64_t after,
			   unsigned limit, struct message_went *went_out) MUST_CHECK;
/* message_rows_unreached - the last text that did not arrive, when no later one did and none came in: of the newest few of
 * each thread with that number. What only waited too long for the handset says nothing. detail is as reported. */
struct message_unreached {
	uint64_t id; /* 0: there is none */
	int64_t at;
	const char *detail;
};
enum err message_rows_unreached(struct db *db, struct arena *arena, const char *number,
				struct message_unreached *unreached_out) MUST_CHECK;
/* message_rows_has_heard - a text came from that number after that instant. */
enum err message_rows_has_heard(struct db *db, const char *number, int64_t after,
				bool *has_out) MUST_CHECK;

/* message_rows_settle - the unclear texts of a number, up to that one, get a verdict. message_rows_judge - one text does.
 * message_rows_has_unclear - is one without a verdict left? */
enum err message_rows_settle(struct db *db, const char *number, uint64_t up_to_id,
			     enum consent_verdict verdict) MUST_CHECK;
enum err message_rows_judge(struct db *db, uint64_t id,
			    enum consent_verdict verdict) MUST_CHECK;
enum err message_rows_has_unclear(struct db *db, const char *number,
				  bool *has_out) MUST_CHECK;

struct message_filter {
	unsigned states; /* bit per enum message_state; 0: all */
	uint64_t contact_id, user_id;
	const char *workflow_id;
	int64_t from, until; /* UTC ms, until not included; 0: open */
	uint64_t before_id;  /* newest first: below this one; 0: from the newest */
	size_t limit;
	int test;         /* 1: of test runs, 0: no others; -1: both */
	int edited;       /* 1: other texts than were offered, 0: no such; -1: both */
	uint64_t seen_by; /* as in struct task_filter */
	bool sees_team;
};

struct message_item {
	struct message message;
	const char *contact_first_name, *contact_last_name, *contact_e164;
	const char *sender_login, *sender_first_name, *sender_last_name;
	const char *workflow_id; /* of its task; NULL: none */
};

typedef void message_item_fn(void *arg, const struct message_item *item);

/* message_rows_page - calls each for at most filter->limit + 1 rows; the extra one tells that there are more. */
enum err message_rows_page(struct db *db, const struct message_filter *filter,
			   message_item_fn *each, void *arg) MUST_CHECK;
enum err message_rows_item(struct db *db, uint64_t id, message_item_fn *each,
			   void *arg) MUST_CHECK;

/* message_rows_line - a text as a list of threads shows it. */
struct message_line {
	uint64_t id, task_id, sent_by;
	bool is_inbound;
	enum message_state state;
	int64_t created_at;
	const char *text;
	const char *sender_login, *sender_first_name, *sender_last_name;
};
typedef void message_line_fn(void *arg, const struct message_line *line);
enum err message_rows_line(struct db *db, uint64_t id, message_line_fn *each,
			   void *arg) MUST_CHECK;

/* message_rows_thread - the last count messages of a contact, oldest first. */
enum err message_rows_thread(struct db *db, struct arena *arena, uint64_t contact_id,
			     size_t count, struct message **messages_out,
			     size_t *count_out) MUST_CHECK;

/* message_rows_count - how many outbound texts stand in that state, counting no further than cap. */
enum err message_rows_count(struct db *db, enum message_state state, int64_t cap,
			    int64_t *count_out) MUST_CHECK;

/* message_rows_in_state - ids of the oldest in that state; for `uncertain` lists and sweeps. */
enum err message_rows_in_state(struct db *db, struct arena *arena,
			       enum message_state state, size_t limit,
			       uint64_t **ids_out, size_t *count_out) MUST_CHECK;

/* --- reports ------------------------------------------------------------------------------------------------------- */

struct report_row {
	const char *event_id, *detail;
	unsigned kind;
	int64_t at;
};

/* report_rows_add - *added_out false: that event is there already. */
enum err report_rows_add(struct db *db, uint64_t message_id,
			 const struct report_row *report, bool *added_out) MUST_CHECK;
enum err report_rows_of(struct db *db, struct arena *arena, uint64_t message_id,
			struct report_row **reports_out, size_t *count_out) MUST_CHECK;

/* --- outbox: texts that wait to leave -------------------------------------------------------------------------------- */

struct outbox_text {
	uint64_t message_id;
	const char *number;
	/* its sender, when that has a rate of its own; else NULL */
	const char *paced_sender;
	int64_t not_before;
};
enum err outbox_rows_add(struct db *db, const struct outbox_text *text) MUST_CHECK;

/* outbox_rows_ready - the oldest approvals that may leave now: nothing earlier to the same number is open, their undo
 * window has passed. At most limit. Without those of paced senders, which outbox_rows_ready_of has. */
enum err outbox_rows_ready(struct db *db, struct arena *arena, int64_t now,
			   size_t limit, uint64_t **ids_out,
			   size_t *count_out) MUST_CHECK;
struct outbox_limit {
	int64_t now;
	size_t most;
};
enum err outbox_rows_ready_of(struct db *db, struct arena *arena, const char *sender,
			      const struct outbox_limit *limit, uint64_t **ids_out,
			      size_t *count_out) MUST_CHECK;

/* outbox_rows_next_sender - the first paced sender behind that one ("" at first) of whom something waits. ERR_NOT_FOUND. */
enum err outbox_rows_next_sender(struct db *db, struct arena *arena, const char *after,
				 const char **sender_out) MUST_CHECK;

/* outbox_rows_count_of - how many wait of a paced sender, counting no further than cap. */
enum err outbox_rows_count_of(struct db *db, const char *sender, int64_t cap,
			      int64_t *count_out) MUST_CHECK;

/* outbox_rows_mark - it may leave from now on. outbox_rows_unmark - it certainly did not: it waits again. */
enum err outbox_rows_mark(struct db *db, uint64_t message_id, unsigned node,
			  uint32_t epoch) MUST_CHECK;
enum err outbox_rows_unmark(struct db *db, uint64_t message_id) MUST_CHECK;
enum err outbox_rows_delete(struct db *db, uint64_t message_id) MUST_CHECK;

/* outbox_rows_orphans - marked by a former life of this node. */
enum err outbox_rows_orphans(struct db *db, struct arena *arena, unsigned node,
			     uint32_t epoch, size_t limit, uint64_t **ids_out,
			     size_t *count_out) MUST_CHECK;

/* outbox_rows_counts - waiting and marked, each counted up to 1,000,000. */
enum err outbox_rows_counts(struct db *db, int64_t *waiting_out,
			    int64_t *out_out) MUST_CHECK;

/* outbox_rows_next - the earliest not_before of those that wait and lie after now; 0: none. */
enum err outbox_rows_next(struct db *db, int64_t now, int64_t *at_out) MUST_CHECK;

#endif
