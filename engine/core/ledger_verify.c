/* ledger_verify.c - walks the ledger and the messages side by side: see ledger.h */
#include <stdlib.h>
#include <string.h>

#include "core/ledger_hash.h"
#include "core/ledger_payload.h"

enum { BATCH = 500 };

static void breaks(struct ledger_verify *verify, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

static void breaks(struct ledger_verify *verify, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&verify->sentence, fmt, args);
	va_end(args);
	verify->broken.what = buf_str(&verify->sentence);
	verify->is_done = true;
}

/* --- one send against its message --------------------------------------------------------------------------------- */

static bool matches(const struct ledger_row *row, const char *kept, const char *text)
{
	char digest[LEDGER_DIGEST_TEXT_LEN];
	return kept && strcmp(kept, ledger_digest(row->salt, row->salt_bytes, text,
						  digest)) == 0;
}

static void compare(struct ledger_verify *verify, const struct ledger_row *row,
		    const struct ledger_payload *payload,
		    const struct ledger_text *text)
{
	if (text->receipt_message_id != text->id)
		breaks(verify, "its message does not stand on the receipt it names");
	else if (!text->sent_by || strcmp(text->sent_by, row->actor) != 0)
		breaks(verify, "its message says that %s sent it, the ledger %s",
		       text->sent_by ? text->sent_by : "nobody", row->actor);
	else if (!row->salt && !*text->text)
		verify->erased++;
	else if (!row->salt)
		breaks(verify,
		       "its salt is gone while the text of its message is still there");
	else if (!matches(row, payload->to_digest, text->number))
		breaks(verify,
		       "its message has another recipient than the one approved");
	else if (!matches(row, payload->text_digest, text->text))
		breaks(verify, "its message has another text than the one approved");
}

static void remember(struct ledger_verify *verify, uint64_t message_id)
{
	if (verify->sent_count == verify->sent_room) {
		verify->sent_room = verify->sent_room ? verify->sent_room * 2 : 1024;
		verify->sent = mem_realloc(verify->sent,
					   verify->sent_room * sizeof(*verify->sent));
	}
	verify->sent[verify->sent_count++] = message_id;
}

static enum err check_send(struct ledger_verify *verify, struct snapshot *snap,
			   const struct ledger_row *row)
{
	struct ledger_payload payload;
	struct ledger_text text;
	verify->sends++;
	if (ledger_payload_read(snapshot_arena(snap), row->payload, &payload) !=
	    ERR_OK) {
		breaks(verify, "it is a send without the id of its message");
		return ERR_OK;
	}
	verify->broken.message_id = payload.message_id;
	remember(verify, payload.message_id);
	enum err err = ledger_rows_text(snapshot_db(snap), snapshot_arena(snap),
					payload.message_id, &text);
	if (err == ERR_NOT_FOUND) {
		breaks(verify, "the message it approved is not there");
		return ERR_OK;
	}
	if (err == ERR_OK)
		compare(verify, row, &payload, &text);
	return err;
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

static void check_expected(struct ledger_verify *verify, const struct ledger_row *row)
{
	const struct ledger_head *expected = verify->expected;
	if (!expected || expected->chain != row->chain || expected->seq != row->seq)
		return;
	verify->found_expected = true;
	if (memcmp(expected->hash, row->hash, LEDGER_HASH_BYTES) != 0)
		breaks(verify, "its hash is not that of the head kept elsewhere: the "
			       "chain was written anew");
}

static void check_link(struct ledger_verify *verify, const struct ledger_row *row)
{
	unsigned char hash[LEDGER_HASH_BYTES], start[LEDGER_HASH_BYTES] = {0};
	bool is_first = !verify->head.seq || verify->head.chain != row->chain;
	const unsigned char *prev = is_first ? start : verify->head.hash;
	uint64_t seq = is_first ? 1 : verify->head.seq + 1;
	if (row->seq != seq) {
		breaks(verify, "entry %llu is missing before it",
		       (unsigned long long)seq);
		return;
	}
	if (row->prev_bytes != LEDGER_HASH_BYTES ||
	    memcmp(row->prev, prev, LEDGER_HASH_BYTES) != 0) {
		breaks(verify, "it does not follow from the entry before it");
		return;
	}
	ledger_hash(row, hash);
	if (row->hash_bytes != LEDGER_HASH_BYTES ||
	    memcmp(row->hash, hash, LEDGER_HASH_BYTES) != 0) {
		breaks(verify, "its hash does not fit what stands in it");
		return;
	}
	verify->head = (struct ledger_head){.chain = row->chain, .seq = row->seq};
	memcpy(verify->head.hash, hash, sizeof(hash));
	verify->entries++;
	check_expected(verify, row);
}

static int by_id(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

/* The end of the chain. Messages approved later than this snapshot are not asked for: their entries were not read. */
static enum err end_chain(struct ledger_verify *verify, struct snapshot *snap)
{
	verify->chain_is_walked = true;
	verify->broken.chain = verify->head.chain;
	verify->broken.seq = verify->broken.message_id = 0;
	if (verify->expected && !verify->found_expected) {
		verify->broken.chain = verify->expected->chain;
		verify->broken.seq = verify->expected->seq;
		breaks(verify,
		       "the head kept elsewhere is not there: the chain was cut");
		return ERR_OK;
	}
	if (verify->sent_count)
		qsort(verify->sent, verify->sent_count, sizeof(*verify->sent), by_id);
	verify->broken.chain = 0;
	return ledger_rows_newest_text(snapshot_db(snap), &verify->newest_message);
}

static enum err walk_chain(struct ledger_verify *verify, struct snapshot *snap)
{
	const struct ledger_row after = {.chain = verify->head.chain,
					 .seq = verify->head.seq};
	struct ledger_row *rows;
	size_t count;
	enum err err = ledger_rows_after(snapshot_db(snap), snapshot_arena(snap),
					 &after, BATCH, &rows, &count);
	for (size_t i = 0; i < count && err == ERR_OK && !verify->is_done; i++) {
		verify->broken.chain = rows[i].chain;
		verify->broken.seq = rows[i].seq;
		verify->broken.message_id = 0;
		check_link(verify, &rows[i]);
		if (!verify->is_done && strcmp(rows[i].act, LEDGER_SEND) == 0)
			err = check_send(verify, snap, &rows[i]);
	}
	if (err == ERR_OK && !verify->is_done && count < BATCH)
		err = end_chain(verify, snap);
	return err;
}

/* --- every message has its send ----------------------------------------------------------------------------------- */

static void check_message(struct ledger_verify *verify, uint64_t id)
{
	size_t *at = &verify->sent_at;
	verify->messages++;
	verify->broken.message_id = id;
	if (*at == verify->sent_count || verify->sent[*at] != id) {
		breaks(verify, "no entry says that a person approved it");
		return;
	}
	if (++*at < verify->sent_count && verify->sent[*at] == id)
		breaks(verify, "more than one entry says that it was approved");
}

static enum err walk_messages(struct ledger_verify *verify, struct snapshot *snap)
{
	uint64_t *ids;
	size_t count;
	enum err err = ledger_rows_text_ids(snapshot_db(snap), snapshot_arena(snap),
					    verify->last_message, BATCH, &ids, &count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count && !verify->is_done; i++) {
		if (ids[i] > verify->newest_message) {
			verify->is_done = true;
			return ERR_OK;
		}
		check_message(verify, ids[i]);
		verify->last_message = ids[i];
	}
	if (count < BATCH)
		verify->is_done = true;
	return ERR_OK;
}

enum err ledger_verify_step(struct snapshot *snap, void *arg)
{
	struct ledger_verify *verify = arg;
	if (verify->is_done)
		return ERR_OK;
	return verify->chain_is_walked ? walk_messages(verify, snap)
				       : walk_chain(verify, snap);
}

void ledger_verify_fini(struct ledger_verify *verify)
{
	buf_fini(&verify->sentence);
	mem_free(verify->sent);
	*verify = (struct ledger_verify){0};
}
