/* ledger.h - the hash-chained record of every human act that led to a message, and of who was let in to act.
 *
 *	struct ledger_entry entry;
 *	ledger_begin(txn, &entry);
 *	json_key_id(&entry.payload, "task", task->id);
 *	ledger_private(&entry, "to", contact->phone_e164);	a digest, not the number
 *	err = ledger_append(txn, &entry, actor, "send", subject);
 *
 * hash = SHA-256 over chain, seq, at, actor, credential, way, act, subject, payload and the hash before it (32 zero bytes
 * for the first), each preceded by its length (8 bytes, big endian); the three numbers as decimal digits. Numbers and
 * texts enter as HMAC-SHA256 with a salt of the row that is kept apart: erasing the salt erases the person and leaves the
 * chain whole. One chain on SQLite. What makes truncation or a rewrite of the whole chain visible is a head kept
 * elsewhere: it is logged hourly, and `handbox verify --head` compares.
 *
 * An entry with the act "send" is held against its message: its payload has "message" (the id), and "to" and "text" by
 * ledger_private(). Further members are free.
 *
 * Thread: writer; ledger_verify: a reader.
 */
#ifndef HB_CORE_LEDGER_H
#define HB_CORE_LEDGER_H

#include "core/call.h"

#define LEDGER_SEND "send" /* the act of an entry that stands for a message */

enum { LEDGER_SALT_BYTES = 16, LEDGER_HASH_BYTES = 32, LEDGER_HEAD_TEXT_LEN = 112 };

struct ledger_entry {
	unsigned char salt[LEDGER_SALT_BYTES];
	struct buf text;
	struct json payload; /* an open object: add members */
	bool has_private;
};

void ledger_begin(struct txn *txn, struct ledger_entry *entry);

/* ledger_private - adds "key": {"digest": hex}; NULL adds null. */
void ledger_private(struct ledger_entry *entry, const char *key, const char *text);

/* ledger_append - closes the payload and writes the row. act: one word; subject: "task:ID", "user:LOGIN", … The entry is
 * spent, also on error. */
enum err ledger_append(struct txn *txn, struct ledger_entry *entry,
		       const struct actor *actor, const char *act,
		       const char *subject) MUST_CHECK;

/* ledger_note - an act whose payload is finished JSON: "{…}", or NULL for an empty one. */
enum err ledger_note(struct txn *txn, const struct actor *actor, const char *act,
		     const char *subject, const char *payload) MUST_CHECK;

/* --- the head, and verification ----------------------------------------------------------------------------------- */

/* The newest entry of a chain: what is to be kept elsewhere. */
struct ledger_head {
	uint32_t chain;
	uint64_t seq;
	unsigned char hash[LEDGER_HASH_BYTES];
};

/* ledger_head - ERR_NOT_FOUND: the chain is empty. */
enum err ledger_head(struct db *db, struct arena *arena, uint32_t chain,
		     struct ledger_head *head_out) MUST_CHECK;

/* ledger_head_format - "0:4711:9f…" (CHAIN:SEQ:HASH in hex); ledger_head_parse takes it back. ERR_SYNTAX. */
const char *ledger_head_format(const struct ledger_head *head,
			       char text[LEDGER_HEAD_TEXT_LEN]);
enum err ledger_head_parse(const char *text, struct ledger_head *head_out) MUST_CHECK;

/* A walk over the whole ledger in batches, each its own short read, while everything goes on:
 *
 *	struct ledger_verify verify = {.expected = &head};
 *	while (err == ERR_OK && !verify.is_done)
 *		err = store_read_now(store, ledger_verify_step, &verify);
 *	if (verify.broken.what) …
 *	ledger_verify_fini(&verify);
 *
 * It checks that no seq is missing, each prev and hash, each `send` against its message (recipient, text, sender, one
 * receipt, by the salt), that every outbound message has exactly one `send`, and that the expected head is in the chain.
 * It stops at the first break. Uses 8 bytes of memory per message. */
struct ledger_verify {
	const struct ledger_head *expected; /* NULL: none */

	/* the result */
	bool is_done;
	struct {
		/* a sentence, in memory of the struct; NULL: everything holds */
		const char *what;
		uint32_t chain;
		uint64_t seq, message_id; /* where; 0: not there */
	} broken;
	struct ledger_head head; /* the last entry seen; seq 0: none */
	uint64_t entries, sends, messages,
		erased; /* erased: sends whose salt is gone with the text */

	/* the walk's own */
	bool chain_is_walked, found_expected;
	uint64_t *sent; /* message ids of the sends */
	size_t sent_count, sent_room, sent_at;
	uint64_t last_message, newest_message;
	struct buf sentence;
};

/* ledger_verify_step - the next batch; arg is the struct ledger_verify. A store_read_fn; errors are the database's. */
enum err ledger_verify_step(struct snapshot *snap, void *arg) MUST_CHECK;
void ledger_verify_fini(struct ledger_verify *verify);

#endif
