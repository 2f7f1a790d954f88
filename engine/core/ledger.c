/* ledger.c - see ledger.h */
#include "core/ledger.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "core/ledger_hash.h"

static void hash_field(crypto_hash_sha256_state *state, const void *data,
		       size_t len_bytes)
{
	unsigned char len[8];
	for (unsigned i = 0; i < 8; i++)
		len[i] = (unsigned char)((uint64_t)len_bytes >> (56 - 8 * i));
	crypto_hash_sha256_update(state, len, sizeof(len));
	crypto_hash_sha256_update(state, data, len_bytes);
}

static void hash_text(crypto_hash_sha256_state *state, const char *text)
{
	hash_field(state, text, strlen(text));
}

static void hash_number(crypto_hash_sha256_state *state, long long number)
{
	char digits[24];
	hash_field(state, digits,
		   (size_t)snprintf(digits, sizeof(digits), "%lld", number));
}

void ledger_hash(const struct ledger_row *row, unsigned char hash[LEDGER_HASH_BYTES])
{
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	hash_number(&state, row->chain);
	hash_number(&state, (long long)row->seq);
	hash_number(&state, row->at);
	hash_text(&state, row->actor);
	hash_text(&state, row->credential);
	hash_text(&state, row->way);
	hash_text(&state, row->act);
	hash_text(&state, row->subject);
	hash_text(&state, row->payload);
	hash_field(&state, row->prev, row->prev_bytes);
	crypto_hash_sha256_final(&state, hash);
}

const char *ledger_digest(const unsigned char *salt, size_t salt_bytes,
			  const char *text, char digest[LEDGER_DIGEST_TEXT_LEN])
{
	crypto_auth_hmacsha256_state state;
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_init(&state, salt, salt_bytes);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text,
				      strlen(text));
	crypto_auth_hmacsha256_final(&state, mac);
	return sodium_bin2hex(digest, LEDGER_DIGEST_TEXT_LEN, mac, sizeof(mac));
}

void ledger_begin(struct txn *txn, struct ledger_entry *entry)
{
	(void)txn;
	*entry = (struct ledger_entry){.text = BUF_EMPTY};
	randombytes_buf(entry->salt, sizeof(entry->salt));
	json_init(&entry->payload, &entry->text);
	json_object(&entry->payload);
}

void ledger_private(struct ledger_entry *entry, const char *key, const char *text)
{
	char digest[LEDGER_DIGEST_TEXT_LEN];
	if (!text) {
		json_key_null(&entry->payload, key);
		return;
	}
	entry->has_private = true;
	json_key(&entry->payload, key);
	json_object(&entry->payload);
	json_key_str(&entry->payload, "digest",
		     ledger_digest(entry->salt, sizeof(entry->salt), text, digest));
	json_end_object(&entry->payload);
}

static const char *actor_text(struct arena *arena, const struct actor *actor)
{
	switch (actor->kind) {
	case ACTOR_SYSTEM:
		return "system";
	case ACTOR_SHELL:
		return arena_printf(arena, "shell:%u", (unsigned)actor->peer_uid);
	case ACTOR_SERVICE_TOKEN:
		return arena_printf(arena, "service:%s", actor->name);
	case ACTOR_EVENT_SOURCE:
		return arena_printf(arena, "event_source:%s", actor->name);
	case ACTOR_SESSION:
	case ACTOR_PERSONAL_TOKEN:
	case ACTOR_KIND_COUNT:
		break;
	}
	return actor->name;
}

static const char *credential_text(struct arena *arena, const struct actor *actor)
{
	if (!actor->credential_id)
		return actor_kind_name(actor->kind);
	return arena_printf(arena, "%s:%llu", actor_kind_name(actor->kind),
			    (unsigned long long)actor->credential_id);
}

/* The place behind the newest entry: what it chains to is written to row, in the arena. */
static enum err find_place(struct txn *txn, struct ledger_row *row)
{
	static const unsigned char start[LEDGER_HASH_BYTES];
	struct ledger_row last;
	enum err err = ledger_rows_last(txn_db(txn), txn_arena(txn), row->chain, &last);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	row->seq = err == ERR_OK ? last.seq + 1 : 1;
	row->prev = err == ERR_OK ? last.hash : start;
	row->prev_bytes = err == ERR_OK ? last.hash_bytes : sizeof(start);
	return ERR_OK;
}

static enum err append(struct txn *txn, const struct actor *actor,
		       struct ledger_row *row)
{
	unsigned char hash[LEDGER_HASH_BYTES];
	enum err err = find_place(txn, row);
	if (err != ERR_OK)
		return err;
	row->at = txn_now(txn);
	row->actor = actor_text(txn_arena(txn), actor);
	row->credential = credential_text(txn_arena(txn), actor);
	row->way = way_name(actor->way);
	ledger_hash(row, hash);
	row->hash = hash;
	row->hash_bytes = sizeof(hash);
	return ledger_rows_insert(txn_db(txn), row);
}

enum err ledger_append(struct txn *txn, struct ledger_entry *entry,
		       const struct actor *actor, const char *act, const char *subject)
{
	json_end_object(&entry->payload);
	struct ledger_row row = {
		.act = act, .subject = subject, .payload = buf_str(&entry->text)};
	if (entry->has_private) {
		row.salt = entry->salt;
		row.salt_bytes = sizeof(entry->salt);
	}
	enum err err = append(txn, actor, &row);
	buf_fini(&entry->text);
	return err;
}

enum err ledger_note(struct txn *txn, const struct actor *actor, const char *act,
		     const char *subject, const char *payload)
{
	struct ledger_row row = {
		.act = act, .subject = subject, .payload = payload ? payload : "{}"};
	return append(txn, actor, &row);
}

/* --- heads -------------------------------------------------------------------------------------------------------- */

enum err ledger_head(struct db *db, struct arena *arena, uint32_t chain,
		     struct ledger_head *head_out)
{
	struct ledger_row row;
	enum err err = ledger_rows_last(db, arena, chain, &row);
	if (err != ERR_OK)
		return err;
	if (row.hash_bytes != LEDGER_HASH_BYTES)
		return ERR_CORRUPT;
	*head_out = (struct ledger_head){.chain = chain, .seq = row.seq};
	memcpy(head_out->hash, row.hash, LEDGER_HASH_BYTES);
	return ERR_OK;
}

const char *ledger_head_format(const struct ledger_head *head,
			       char text[LEDGER_HEAD_TEXT_LEN])
{
	char hex[LEDGER_DIGEST_TEXT_LEN];
	sodium_bin2hex(hex, sizeof(hex), head->hash, sizeof(head->hash));
	snprintf(text, LEDGER_HEAD_TEXT_LEN, "%u:%llu:%s", (unsigned)head->chain,
		 (unsigned long long)head->seq, hex);
	return text;
}

enum err ledger_head_parse(const char *text, struct ledger_head *head_out)
{
	char seq_text[IDENT_TEXT_LEN];
	struct ledger_head head = {0};
	size_t chain_len = strspn(text, "0123456789"), seq_len, hash_len;
	if (chain_len < 1 || chain_len > 9 || text[chain_len] != ':')
		return ERR_SYNTAX;
	for (size_t i = 0; i < chain_len; i++)
		head.chain = head.chain * 10 + (uint32_t)(text[i] - '0');
	text += chain_len + 1;
	seq_len = strcspn(text, ":");
	if (seq_len >= sizeof(seq_text) || text[seq_len] != ':')
		return ERR_SYNTAX;
	memcpy(seq_text, text, seq_len);
	seq_text[seq_len] = '\0';
	text += seq_len + 1;
	if (ident_parse(seq_text, &head.seq) != ERR_OK ||
	    strlen(text) != LEDGER_HASH_BYTES * 2)
		return ERR_SYNTAX;
	if (sodium_hex2bin(head.hash, sizeof(head.hash), text, LEDGER_HASH_BYTES * 2,
			   NULL, &hash_len, NULL) != 0 ||
	    hash_len != LEDGER_HASH_BYTES)
		return ERR_SYNTAX;
	*head_out = head;
	return ERR_OK;
}
