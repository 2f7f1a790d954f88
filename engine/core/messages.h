/* messages.h - the life of a text after its approval, and texts that come in. messages.md of the design tells the story.
 *
 * Hand-over is two commands with the gateway between them: handover_begin marks, durably, before a byte leaves;
 * handover_done settles what came of it. What a crash left marked, handover_recover makes uncertain. Reports and inbound
 * texts are commands of their own, and safe to be given twice.
 */
#ifndef HB_CORE_MESSAGES_H
#define HB_CORE_MESSAGES_H

#include "core/call.h"
#include "model/who.h"
#include "plugin/charset.h"
#include "store/message_rows.h"

/* --- hand-over: store_write_fn, for the dispatcher ---------------------------------------------------------------------- */

struct handover_text {
	uint64_t id;
	const char *to, *from, *smsc, *text;
	uint32_t validity_s;
};

/* handover_add - an approved text waits to leave from now on; one of a test run ends in the sink. */
enum err handover_add(struct txn *txn, const struct message *message) MUST_CHECK;

enum { HANDOVER_MOST = 64, HANDOVER_LOOKED_AT_MOST = 200 };

/* How many texts of a sender may be begun now; of one that is not named here, as many as the gateway takes. */
struct handover_room {
	const char *sender;
	unsigned room;
};

/* handover_begin - marks up to limit texts that may leave now. Guards that can turn bad while a text waits run again:
 * what fails them is withdrawn, and its task goes back to a person. Strings live in the write's arena. */
struct handover_begin {
	size_t limit; /* 1..HANDOVER_MOST: the gateway's free places */
	const struct handover_room *rooms; /* of senders with a rate of their own */
	size_t room_count;
	struct handover_text texts[HANDOVER_MOST];
	size_t count;
	bool has_more;   /* something was withdrawn or left over: ask again */
	bool is_paced;   /* some wait for the rate of their sender */
	int64_t next_at; /* the earliest end of an undo window that lies ahead, 0: none */
};
enum err handover_begin(struct txn *txn, void *arg) MUST_CHECK;

/* handover_recheck - the guards that can turn bad while a text waits, and the age of its approval. *may_out false: it was
 * withdrawn. For whatever stands at the end of the outbox. */
enum err handover_recheck(struct txn *txn, struct message *message,
			  bool *may_out) MUST_CHECK;

/* handover_done - the outcome of one text. event: MESSAGE_EV_ACCEPTED … MESSAGE_EV_UNCERTAIN. */
struct handover_result {
	uint64_t id;
	enum message_event event;
	const char *detail; /* the gateway's words */
};
struct handover_done {
	const struct handover_result *results;
	size_t count;
};
enum err handover_done(struct txn *txn, void *arg) MUST_CHECK;

/* handover_recover - texts that a former life of this node had marked become uncertain; run it until count is 0. */
struct handover_recover {
	size_t count;
};
enum err handover_recover(struct txn *txn, void *arg) MUST_CHECK;

/* --- what the gateway tells: store_write_fn ----------------------------------------------------------------------------- */

struct report_apply {
	struct call call;
	uint64_t id;
	const char *event_id, *detail;
	unsigned kind;
	bool is_unknown, is_repeated; /* out: no such text; heard before */
};
enum err report_apply(struct txn *txn, void *arg) MUST_CHECK;

/* inbound_take - a text that came in, once for each event_id. It goes to the contact of its number: the one last texted of
 * several, a new one for an unknown number. A stop word opts the number out, an unclear one holds it (consent.h), a call for
 * help becomes a task; every other text goes on to what waits for a reply. Open tasks of the contact are marked. */
struct inbound_take {
	struct call call;
	const char *event_id, *from, *to, *smsc, *text;
	bool is_binary;   /* the text says how many bytes it was */
	const char *note; /* what a person should know of it; NULL: nothing */
	/* of a part of a longer text: which one, and its bytes, which are decoded together; total 0: text is the whole */
	struct {
		unsigned ref, total, number;
	} part;
	struct charset_bytes bytes;
	int64_t at;       /* when the SMSC had it */
	bool is_repeated; /* out */
};
enum err inbound_take(struct txn *txn, void *arg) MUST_CHECK;

/* --- people: store_write_fn; each answers with the message --------------------------------------------------------------- */

/* message_resolve - an uncertain text: a person says what became of it, with evidence. In the ledger. */
struct message_resolve {
	struct call call;
	const uint64_t *ids; /* several only as sent, by a lead */
	size_t count;
	bool is_bulk; /* answers {"resolved": n} */
	bool was_sent;
	const char *evidence;
};
enum err message_resolve(struct txn *txn, void *arg) MUST_CHECK;

/* message_recall - taken back while approved; TOO_LATE afterwards. */
struct message_recall {
	struct call call;
	uint64_t message_id;
};
enum err message_recall(struct txn *txn, void *arg) MUST_CHECK;

/* --- reading: store_read_fn ----------------------------------------------------------------------------------------------- */

struct message_get {
	struct call call;
	uint64_t message_id;
};
enum err message_get(struct snapshot *snap, void *arg) MUST_CHECK;

struct message_list {
	struct call call;
	struct message_filter filter;
	bool is_thread; /* of filter.contact_id, which must be there */
	struct who user;
	const char *cursor;
};
enum err message_list(struct snapshot *snap, void *arg) MUST_CHECK;

/* --- shared -------------------------------------------------------------------------------------------------------------- */

/* message_moved - after the state has moved and was saved: what it means for task and workflow. before: the state it had. */
enum err message_moved(struct txn *txn, const struct actor *actor,
		       struct message *message, enum message_state before) MUST_CHECK;

/* message_withdraw - it never left: out of the outbox, its task back to a person. why: the guard's name, or a word;
 * "opted_out" and WITHDRAWN_DELETED call the task off, and the enrollment that stood at it. */
#define WITHDRAWN_DELETED "contact_deleted"
enum err message_withdraw(struct txn *txn, const struct actor *actor,
			  struct message *message, const char *why,
			  const char *detail) MUST_CHECK;

#endif
