/* ledger_hash.h - the one place that says what the hash of an entry covers: for writing and for verifying. Pure. */
#ifndef HB_CORE_LEDGER_HASH_H
#define HB_CORE_LEDGER_HASH_H

#include "core/ledger.h"
#include "store/ledger_rows.h"

enum { LEDGER_DIGEST_TEXT_LEN = LEDGER_HASH_BYTES * 2 + 1 };

/* ledger_hash - over all fields of row but its hash and salt. */
void ledger_hash(const struct ledger_row *row, unsigned char hash[LEDGER_HASH_BYTES]);

/* ledger_digest - HMAC-SHA256 of text with the salt, in hex; returns digest. */
const char *ledger_digest(const unsigned char *salt, size_t salt_bytes,
			  const char *text, char digest[LEDGER_DIGEST_TEXT_LEN]);

#endif
