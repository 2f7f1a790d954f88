/* inbound_parts.c - parts of a longer text that the gateway did not join. See inbound.h */
#include <string.h>

#include "base/buf.h"
#include "core/inbound.h"
#include "core/messages.h"
#include "plugin/charset.h"
#include "store/part_rows.h"

/* What is not there is shown so. */
#define GAP " [\u2026] "

enum { TEXTS_MOST = 20 };

struct set {
	struct part_row *parts; /* by their place */
	size_t count;
};

/* The parts from one place on that stand next to each other, decoded as one: a character may lie on both sides of a cut. */
static size_t add_run(struct arena *arena, const struct set *set, size_t from,
		      struct buf *text)
{
	struct buf bytes = BUF_EMPTY;
	const struct part_row *first = &set->parts[from];
	const char *run = "";
	bool was_mended;
	size_t at = from;
	while (at < set->count && set->parts[at].part == first->part + (at - from)) {
		buf_add(&bytes, set->parts[at].bytes, set->parts[at].len_bytes);
		at++;
	}
	const struct charset_bytes in = {buf_str(&bytes), bytes.len, first->charset,
					 (enum charset_coding)first->coding};
	if (charset_decode(arena, &in, &run, &was_mended) == ERR_OK)
		buf_add_str(text, run);
	buf_fini(&bytes);
	return at;
}

static const char *join(struct arena *arena, const struct set *set)
{
	struct buf text = BUF_EMPTY;
	uint32_t last = 0;
	for (size_t at = 0; at < set->count;) {
		if (set->parts[at].part != last + 1)
			buf_add_str(&text, at ? GAP : GAP + 1);
		at = add_run(arena, set, at, &text);
		last = set->parts[at - 1].part;
	}
	if (last < set->parts[0].total)
		buf_add(&text, GAP, strlen(GAP) - 1);
	bool was_mended;
	const char *joined = charset_clean(arena, buf_str(&text), text.len,
					   CHARSET_TEXT_MOST, &was_mended);
	buf_fini(&text);
	return joined;
}

/* The text of the parts that are there becomes that of cmd, and they wait no more. */
static enum err take_set(struct txn *txn, const struct set *set,
			 struct inbound_take *cmd)
{
	const struct part_row *first = &set->parts[0];
	cmd->text = join(txn_arena(txn), set);
	if (set->count < first->total)
		cmd->note = arena_printf(txn_arena(txn), "%zu of %u parts came",
					 set->count, (unsigned)first->total);
	return part_rows_close(txn_db(txn), first);
}

/* Nobody brings the rest any more: what is there is a text of its own. */
static enum err give_up(struct txn *txn, const struct part_row *like)
{
	struct set set;
	enum err err =
		part_rows_of(txn_db(txn), txn_arena(txn), like, &set.parts, &set.count);
	if (err != ERR_OK || !set.count)
		return err;
	const struct part_row *first = &set.parts[0];
	struct inbound_take cmd = {
		.call = {.actor = &actor_system, .arena = txn_arena(txn)},
		.event_id = first->event_id,
		.from = first->number,
		.to = first->own_number,
		.smsc = first->smsc,
		.at = first->at};
	err = take_set(txn, &set, &cmd);
	return err == ERR_OK ? inbound_take_whole(txn, &cmd) : err;
}

static struct part_row row_of(struct txn *txn, const struct inbound_take *cmd)
{
	return (struct part_row){.event_id = cmd->event_id,
				 .number = cmd->from,
				 .own_number = cmd->to,
				 .ref = cmd->part.ref,
				 .total = cmd->part.total,
				 .part = cmd->part.number,
				 .smsc = cmd->smsc,
				 .charset =
					 cmd->bytes.charset ? cmd->bytes.charset : "",
				 .coding = (int)cmd->bytes.coding,
				 .bytes = cmd->bytes.bytes,
				 .len_bytes = cmd->bytes.len_bytes,
				 .at = cmd->at ? cmd->at : txn_now(txn),
				 .came_at = txn_now(txn)};
}

/* The place that it takes is free, or its very part is there already, or another text has the same reference. */
enum place { PLACE_FREE, PLACE_SAME, PLACE_OTHER };

static enum place place_of(const struct set *set, const struct part_row *row)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct part_row *part = &set->parts[i];
		if (part->part != row->part)
			continue;
		return part->len_bytes == row->len_bytes &&
				       memcmp(part->bytes, row->bytes,
					      row->len_bytes) == 0
			       ? PLACE_SAME
			       : PLACE_OTHER;
	}
	return PLACE_FREE;
}

enum err inbound_join(struct txn *txn, struct inbound_take *cmd, bool *is_whole_out)
{
	struct db *db = txn_db(txn);
	struct set set;
	const struct part_row row = row_of(txn, cmd);
	*is_whole_out = false;
	enum err err = part_rows_known(db, row.event_id, &cmd->is_repeated);
	if (err != ERR_OK || cmd->is_repeated)
		return err;
	err = part_rows_of(db, txn_arena(txn), &row, &set.parts, &set.count);
	if (err != ERR_OK)
		return err;
	enum place place = place_of(&set, &row);
	if (place == PLACE_OTHER)
		err = give_up(txn, &row);
	if (err == ERR_OK)
		err = part_rows_insert(db, &row, place != PLACE_SAME);
	if (err != ERR_OK || place == PLACE_SAME)
		return err;
	txn_signal(txn, SIGNAL_TIMER);
	err = part_rows_of(db, txn_arena(txn), &row, &set.parts, &set.count);
	if (err != ERR_OK || set.count < row.total)
		return err;
	*is_whole_out = true;
	return take_set(txn, &set, cmd);
}

enum err inbound_parts_step(struct txn *txn, void *arg)
{
	struct inbound_parts_step *step = arg;
	*step = (struct inbound_parts_step){.is_done = false};
	for (unsigned i = 0; i < TEXTS_MOST; i++) {
		struct part_row oldest;
		enum err err = part_rows_oldest(txn_db(txn), txn_arena(txn), &oldest);
		step->is_done = err == ERR_NOT_FOUND;
		if (err != ERR_OK)
			return step->is_done ? ERR_OK : err;
		step->next_at = oldest.came_at + INBOUND_PARTS_WAIT_MS;
		step->is_done = step->next_at > txn_now(txn);
		if (step->is_done)
			return ERR_OK;
		err = give_up(txn, &oldest);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}
