/* contact_rows.h - contacts with their tags and fields, numbers and what was said of
 * their consent.
 *
 * A contact is a person; what holds for whoever answers a telephone (consent, who was
 * texted last) stands with the number, which several contacts may share. Deleted
 * contacts keep their row, out of every list.
 *
 * revision is what an ETag shows: contact_rows_save(), tags and fields count it up in
 * the row.
 */
#ifndef HB_STORE_CONTACT_ROWS_H
#define HB_STORE_CONTACT_ROWS_H

#include "base/mem.h"
#include "model/records.h"
#include "store/store.h"

/* ERR_NOT_FOUND also for a deleted one, unless contact_rows_load_any. Strings come from
 * arena. */
enum err contact_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct contact *contact_out) MUST_CHECK;
enum err contact_rows_load_any(struct db *db, struct arena *arena, uint64_t id,
			       struct contact *contact_out) MUST_CHECK;
enum err contact_rows_by_external(struct db *db, struct arena *arena,
				  const char *external_id,
				  struct contact *contact_out) MUST_CHECK;

/* contact_rows_by_number - of those that share it the one last texted, else the oldest
 */
enum err contact_rows_by_number(struct db *db, struct arena *arena, const char *e164,
				struct contact *contact_out) MUST_CHECK;

/* contact_rows_by_raw - the oldest without a number whose phone reads exactly so: a
 * short code or a name that wrote. */
enum err contact_rows_by_raw(struct db *db, struct arena *arena, const char *phone,
			     struct contact *contact_out) MUST_CHECK;

/* contact_rows_ids_by_number - all that share it, oldest first; at most limit. */
enum err contact_rows_ids_by_number(struct db *db, struct arena *arena,
				    const char *e164, size_t limit, uint64_t **ids_out,
				    size_t *count_out) MUST_CHECK;

/* contact_rows_ids_behind - all, in the order of ids, behind that one; at most limit. */
enum err contact_rows_ids_behind(struct db *db, struct arena *arena, uint64_t after_id,
				 size_t limit, uint64_t **ids_out,
				 size_t *count_out) MUST_CHECK;

enum err contact_rows_insert(struct db *db, const struct contact *contact)
	MUST_CHECK; /* ERR_DUPLICATE: external_id */

/* contact_rows_save - all but id, created_at and the thread's head; counts revision up
 * in the row, not in contact. ERR_DUPLICATE: external_id. */
enum err contact_rows_save(struct db *db, const struct contact *contact) MUST_CHECK;

/* contact_rows_texted, _heard - that message is the head of the thread now: by that user, or from the contact, for whoever texted last until release_at. The revision stays; so it does for
 * the owner. */
enum err contact_rows_texted(struct db *db, uint64_t id, uint64_t message_id,
			     uint64_t user_id) MUST_CHECK;
enum err contact_rows_heard(struct db *db, uint64_t id, uint64_t message_id,
			    int64_t release_at) MUST_CHECK;

/* contact_rows_handled - that user (0: nobody) has the thread, until release_at (0: no text waits). */
enum err contact_rows_handled(struct db *db, uint64_t id, uint64_t user_id,
			      int64_t release_at) MUST_CHECK;

/* contact_rows_to_release - of whose threads the time is over, the longest first. _next_release: the next time, 0: none. */
enum err contact_rows_to_release(struct db *db, struct arena *arena, int64_t now,
				 size_t limit, uint64_t **ids_out,
				 size_t *count_out) MUST_CHECK;
enum err contact_rows_next_release(struct db *db, int64_t *at_out) MUST_CHECK;
enum err contact_rows_set_owner(struct db *db, uint64_t id,
				uint64_t owner_id) MUST_CHECK;

/* --- tags and fields: a change counts the contact's revision up ------------------ */

enum err contact_rows_add_tag(struct db *db, uint64_t id, const char *tag, int64_t now,
			      bool *added_out) MUST_CHECK;
enum err contact_rows_remove_tag(struct db *db, uint64_t id, const char *tag,
				 bool *removed_out) MUST_CHECK;

/* contact_rows_tags, _fields - by name; contact_rows_set_field - NULL removes it. */
enum err contact_rows_tags(struct db *db, struct arena *arena, uint64_t id,
			   const char ***tags_out, size_t *count_out) MUST_CHECK;
enum err contact_rows_fields(struct db *db, struct arena *arena, uint64_t id,
			     struct contact_field **fields_out,
			     size_t *count_out) MUST_CHECK;

/* contact_rows_field - one of them; NULL: it has none. */
enum err contact_rows_field(struct db *db, struct arena *arena, uint64_t id,
			    const char *name, const char **value_out) MUST_CHECK;
enum err contact_rows_set_field(struct db *db, uint64_t id, const char *name,
				const char *value) MUST_CHECK;

/* --- lists ------------------------------------------------------------------- */

enum contact_whose { CONTACT_OF_ANYBODY, CONTACT_OF_USER, CONTACT_OF_NOBODY };

struct contact_filter {
	const char *q; /* part of a name, number, external id or address, in any case;
			  NULL: any */
	const char *tag, *external_id; /* NULL: any */
	const char *phone_e164;        /* NULL: any */
	const char *phone; /* as it was given, for what is no number; NULL: any */
	enum contact_whose whose;
	uint64_t owner_id;   /* CONTACT_OF_USER */
	int opted_out, test; /* 1, 0; -1: both */
	uint64_t before_id;  /* newest first: below this one; 0: from the newest */
	size_t limit;
	size_t scan_most; /* contacts looked at; 0: CONTACT_SCAN_MOST */
};

/* One call looks at no more contacts than that, so that a rare q over a million of them
 * costs many short reads, not one long one. */
enum { CONTACT_SCAN_MOST = 20000 };

struct contact_page {
	uint64_t *ids; /* newest first */
	size_t count;
	uint64_t next_before_id; /* where the next page begins, 0: this is all. A page
				    may be short, or empty, before that */
};

enum err contact_rows_page(struct db *db, struct arena *arena,
			   const struct contact_filter *filter,
			   struct contact_page *page_out) MUST_CHECK;

/* --- numbers ----------------------------------------------------------------- */

/* number_rows_load - never ERR_NOT_FOUND: a number that nobody wrote of yet is one
 * without history. */
enum err number_rows_load(struct db *db, struct arena *arena, const char *e164,
			  struct number *number_out) MUST_CHECK;
enum err number_rows_save(struct db *db,
			  const struct number *number) MUST_CHECK; /* all but head_id */

struct consent_row {
	uint64_t id;
	const char *number;
	uint32_t revision; /* the number's consent_revision from then on */
	bool is_opted_out;
	int64_t at;
	uint64_t contact_id, message_id;       /* 0: none */
	const char *actor, *reason, *evidence; /* evidence NULL: none */
};

enum err consent_rows_add(struct db *db, const struct consent_row *row) MUST_CHECK;

/* consent_rows_load - one change by its id. */
enum err consent_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct consent_row *row_out) MUST_CHECK;

/* consent_rows_last - the newest change; ERR_NOT_FOUND: there was none. */
enum err consent_rows_last(struct db *db, struct arena *arena, const char *e164,
			   struct consent_row *row_out) MUST_CHECK;

/* consent_rows_of - all that was ever said of a number, oldest first. */
enum err consent_rows_of(struct db *db, struct arena *arena, const char *e164,
			 struct consent_row **rows_out, size_t *count_out) MUST_CHECK;

#endif
