/* erased.c - see erased.h */
#include "core/erased.h"

#include <sodium.h>
#include <string.h>

#include "core/holds.h"
#include "core/ledger_hash.h"
#include "store/contact_rows.h"
#include "store/erase_rows.h"
#include "store/meta_rows.h"

#define KEY "erasure_key" /* made with the first person who is erased */

enum { KEY_BYTES = 32 };

static enum err make_key(struct txn *txn, char **key_out)
{
	unsigned char random[KEY_BYTES];
	char *key = arena_alloc(txn_arena(txn), sizeof(random) * 2 + 1);
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(key, sizeof(random) * 2 + 1, random, sizeof(random));
	*key_out = key;
	return meta_rows_set(txn_db(txn), KEY, key);
}

static const char *hash_of(struct txn *txn, const char *key, const char *e164)
{
	char *digest = arena_alloc(txn_arena(txn), LEDGER_DIGEST_TEXT_LEN);
	return ledger_digest((const unsigned char *)key, strlen(key), e164, digest);
}

enum err erased_forget(struct txn *txn, const char *e164)
{
	struct number number;
	char *key;
	enum err err = meta_rows_get(txn_db(txn), txn_arena(txn), KEY, &key);
	if (err == ERR_NOT_FOUND)
		err = make_key(txn, &key);
	if (err == ERR_OK)
		err = number_rows_load(txn_db(txn), txn_arena(txn), e164, &number);
	if (err == ERR_OK)
		err = hold_remove(txn, HOLD_NUMBER, e164, NULL);
	if (err != ERR_OK)
		return err;
	const struct erased_number erased = {
		hash_of(txn, key, e164), number.consent_revision, number.consent_at};
	return erase_rows_number(txn_db(txn), e164, &erased, number.is_opted_out);
}

enum err erased_recall(struct txn *txn, const char *e164)
{
	char *key;
	struct erased_number erased;
	enum err err = meta_rows_get(txn_db(txn), txn_arena(txn), KEY, &key);
	if (err == ERR_OK)
		err = erase_rows_recall(txn_db(txn), e164, hash_of(txn, key, e164),
					&erased);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	const struct number number = {.e164 = e164,
				      .is_opted_out = true,
				      .consent_revision = erased.consent_revision,
				      .consent_at = erased.consent_at,
				      .consent_reason =
					      "opted out before the person was erased"};
	return number_rows_save(txn_db(txn), &number);
}
