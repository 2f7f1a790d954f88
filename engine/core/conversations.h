/* conversations.h - one thread per contact: the list, what has been read, notes, and all that happened.
 *
 * Whose a thread is and who may see it: thread.h; who is to answer it: handler.h. A conversation in answers: {contact,
 * owner, unread, unread_count, unanswered, handler, release_at, mention, last_message, match}.
 *
 * Commands are store_write_fn, queries store_read_fn (call.h).
 */
#ifndef HB_CORE_CONVERSATIONS_H
#define HB_CORE_CONVERSATIONS_H

#include "core/call.h"
#include "model/who.h"
#include "store/thread_rows.h"

enum { NOTE_CHARS = 4000, NOTE_MENTIONS_MOST = 20, UNREAD_COUNT_MOST = 100 };

/* conversation_list - newest first. With q first the threads with a text that has its words, the newest such text first,
 * then those where the last word is only begun, then those whose name or number it is part of; a
 * whole number finds those who have it. */
struct conversation_list {
	struct call call;
	struct who owner;
	struct who handler;     /* of those that wait for an answer only */
	int unread, unanswered; /* 1, 0; -1: both */
	bool test,
		mentions; /* mentions: a note names the caller, who has not read it; q is not looked for then */
	const char *q, *cursor; /* NULL: any; from the newest */
	size_t limit;
	size_t scan_most; /* 0: THREAD_SCAN_MOST; tests set it */
};
enum err conversation_list(struct snapshot *snap, void *arg) MUST_CHECK;

/* conversation_answer - the conversation, as the caller sees it, is the answer. */
enum err conversation_answer(struct db *db, struct call *call,
			     uint64_t contact_id) MUST_CHECK;

/* conversation_read - the caller has read up to that text, at most to the end of the thread; never back; up_to may
 * be a note, too: notes up to it that name the caller are read. Answers with the conversation. ERR_HUMAN_REQUIRED: a program reads nothing. */
struct conversation_read {
	struct call call;
	uint64_t contact_id, up_to;
};
enum err conversation_read(struct txn *txn, void *arg) MUST_CHECK;

/* note_add - 201 with {id, contact, by, author, text, mentions, created_at}; mentions: the users whom it
 * names (model/mention.h). They see the thread from then on, whosever it is. A note is never a text: it has no number to go to. */
struct note_add {
	struct call call;
	uint64_t contact_id;
	const char *text;
};
enum err note_add(struct txn *txn, void *arg) MUST_CHECK;

/* timeline - texts, notes, tasks, enrollments, consent and tags of a contact, newest first. */
struct timeline {
	struct call call;
	uint64_t contact_id;
	const char *cursor;
	size_t limit;
};
enum err timeline(struct snapshot *snap, void *arg) MUST_CHECK;

#endif
