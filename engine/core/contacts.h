/* contacts.h - people to write to: making, changing, finding and deleting them, their
 * tags, and the consent of a number.
 *
 *	struct contact_create *cmd = API_CALL(req, struct contact_create);
 *	cmd->in = (struct contact_in){.given = CONTACT_PHONE,
 *				      .phone = "+351 912 345 678"};
 *	api_write(req, contact_create, &cmd->call);
 *
 * A telephone number that cannot be one is kept as it came, judged, and warned about;
 * it is never a reason to refuse. That another contact has the number or the external
 * id is: ERR_DUPLICATE names it as `existing`.
 *
 * Every answer that is a contact: {id, external_id, first_name, last_name, name, phone,
 * phone_e164, phone_check, email, country, timezone, owner, tags, custom, sms_enabled,
 * test, opted_out, created_at, updated_at, warnings}; what is not there is null, but
 * names are "".
 *
 * Commands are store_write_fn, queries store_read_fn (call.h).
 */
#ifndef HB_CORE_CONTACTS_H
#define HB_CORE_CONTACTS_H

#include "core/call.h"
#include "core/people.h"
#include "model/policy.h"
#include "store/contact_rows.h"

enum {
	CONTACT_NAME_CHARS = 200,
	CONTACT_EXTERNAL_ID_CHARS = 200,
	CONTACT_PHONE_CHARS = 200,
	CONTACT_EMAIL_CHARS = 254,
	CONTACT_TIMEZONE_CHARS = 64,
	CONTACT_TAGS_MOST = 100,
	CONTACT_TAG_CHARS = 64,
	CONTACT_FIELDS_MOST = 100,
	CONTACT_FIELD_NAME_CHARS = 64,
	CONTACT_FIELD_CHARS = 1000,
};

/* what of a contact was sent */
enum contact_member {
	CONTACT_EXTERNAL_ID = 1 << 0,
	CONTACT_FIRST_NAME = 1 << 1,
	CONTACT_LAST_NAME = 1 << 2,
	CONTACT_PHONE = 1 << 3,
	CONTACT_EMAIL = 1 << 4,
	CONTACT_COUNTRY = 1 << 5,
	CONTACT_TIMEZONE = 1 << 6,
	CONTACT_OWNER = 1 << 7,
	CONTACT_TAGS = 1 << 8,
	CONTACT_FIELDS = 1 << 9,
	CONTACT_SMS_ENABLED = 1 << 10,
	CONTACT_TEST = 1 << 11,
};

/* contact_in - what shall stand in a contact. Only members whose bit is in given are
 * looked at; NULL texts clear. */
struct contact_in {
	unsigned given; /* enum contact_member */
	const char *external_id, *first_name, *last_name, *phone, *email, *country,
		*timezone;
	struct who owner;
	const char *const *tags; /* exactly these, tag_count of them */
	size_t tag_count;
	/* set each; value NULL removes it; others stay */
	const struct contact_field *fields;
	size_t field_count;
	bool clears_fields; /* no field stays */
	bool sms_enabled, is_test;
};

/* contact_check - trims and normalises in place, into the call's arena; ERR_INVALID
 * names the member. Commands do it; callers may do it earlier, for a dry run. Reads the
 * zone files of the machine. */
enum err contact_check(struct call *call, struct contact_in *in) MUST_CHECK;

/* contact_check_tag - the tag without blanks around it; refuses one that is none. */
enum err contact_check_tag(struct call *call, const char *tag, const char *member,
			   const char **tag_out) MUST_CHECK;

/* country_is_known - an ISO 3166-1 alpha-2 code in capitals; XK too.
 * timezone_is_known - an IANA name with a zone file. */
bool country_is_known(const char *code);
bool timezone_is_known(const char *name);

/* email_is_plausible - exactly one address, as user@domain.tld; no display name, no
 * list. */
bool email_is_plausible(const char *address);

enum contact_upsert {
	CONTACT_UPSERT_NO,
	CONTACT_UPSERT_EXTERNAL_ID,
	CONTACT_UPSERT_PHONE
};

/* contact_create - 201, or 200 when upsert found the contact and changed it. */
struct contact_create {
	struct call call;
	struct contact_in in;
	enum contact_upsert upsert;
	bool shared;    /* another contact may have the number */
	bool is_import; /* one of many: contact-created enrolls only with imports="yes" */
	uint64_t id;    /* out */
};
enum err contact_create(struct txn *txn, void *arg);

/* contact_get */
struct contact_get {
	struct call call;
	uint64_t id;
};
enum err contact_get(struct snapshot *snap, void *arg);

/* contact_patch - match: revisions as text, one of which must be the present one;
 * ERR_PRECONDITION. */
struct contact_patch {
	struct call call;
	uint64_t id;
	struct contact_in in;
	bool shared;
	const char *const
		*match; /* match_count of them; has_match false: any revision */
	size_t match_count;
	bool has_match;
};
enum err contact_patch(struct txn *txn, void *arg);

/* contact_list - newest first; {"items": […], "next": cursor}. */
struct contact_list {
	struct call call;
	const char *q, *tag, *phone, *external_id; /* NULL or "": any */
	struct who owner;
	int opted_out, test; /* 1, 0, -1: both */
	const char *cursor;  /* NULL: from the newest */
	size_t limit;
	size_t scan_most; /* 0: CONTACT_SCAN_MOST; tests set it */
};
enum err contact_list(struct snapshot *snap, void *arg);

/* contact_filter_of - what the list looks for, from its first page on, as the rows take
 * it: for those that do something with what a list would show. */
enum err contact_filter_of(struct snapshot *snap, struct contact_list *list,
			   struct contact_filter *filter_out) MUST_CHECK;

/* contact_delete - out of every list; its enrollments are removed, its open tasks
 * cancelled. Consent and ledger stay. */
struct contact_delete {
	struct call call;
	uint64_t id;
};
enum err contact_delete(struct txn *txn, void *arg);

/* contact_tag, contact_untag - idempotent. */
struct contact_tag {
	struct call call;
	uint64_t id;
	const char *tag;
};
enum err contact_tag(struct txn *txn, void *arg);
enum err contact_untag(struct txn *txn, void *arg);

/* contact_opt_out - nothing more goes to the contact's number, whoever shares it.
 * Again: nothing changes.
 * contact_opt_in - a person lifts it, on evidence;
 * ERR_BAD_STATE when the number is not opted out. */
struct contact_consent {
	struct call call;
	uint64_t id;
	const char *reason, *evidence;
};
enum err contact_opt_out(struct txn *txn, void *arg);
enum err contact_opt_in(struct txn *txn, void *arg);

/* contact_classify - a person says what a text of the contact means: an unclear one that
 * holds its number, or (as stop) any other. Stop opts the number out, as if the text had
 * said so itself; not_stop lets it go on as an ordinary text. The verdict holds for the
 * number's earlier unclear texts too. The same again: nothing changes. ERR_BAD_STATE: it
 * has another verdict, or is no text of a telephone that could be unclear. */
struct contact_classify {
	struct call call;
	uint64_t id, inbound_id;
	bool is_stop;
};
enum err contact_classify(struct txn *txn, void *arg);

/* contact_erase - the person is gone, out of every list and out of what is kept: name, number, texts, notes, drafts, the
 * values in journals. What happened stays, without words, and the ledger verifies: the salts of its digests go. An
 * opt-out stays as a hash (erased.h), unless others have the number; then it stays theirs. Deleted contacts can be erased
 * too. Answers with a job: done when it was little enough for this write; the file forgets the last bytes of the words a
 * little later (words.h). */
struct contact_erase {
	struct call call;
	uint64_t id;
	const char *reason; /* stands in the ledger: no names in it */
};
enum err contact_erase(struct txn *txn, void *arg);

/* contact_merge - two contacts are one person: tags are united, what is empty is filled, texts, notes, tasks and
 * enrollments go over. A run of a workflow that the other is in, and a task of a step that it has a task of, ends as
 * "merged". Cards that were open of it must be opened again. Consent stays with the numbers. The one that goes answers 404
 * with `merged_into`; its external id finds the other. In the ledger. Answers {contact, dry_run, moved {…},
 * cancelled_tasks, removed_enrollments}. ERR_BAD_STATE: it has more than one write should change. */
struct contact_merge {
	struct call call;
	uint64_t id, into_id;
	const char *reason; /* NULL: none; stands in the ledger: no names in it */
	bool dry_run;
};
enum err contact_merge(struct txn *txn, void *arg);

/* contact_reset - a contact marked test is as if it had never been in a workflow: texts
 * that wait are taken back, enrollments end and re-entry counts none of them, open tasks
 * are cancelled, its thread begins anew, an opt-out is lifted with the evidence "test
 * contact". The ledger keeps everything. On request owner, tags and custom fields go too,
 * which tests may have set. ERR_BAD_STATE: it is no test contact, or its number is
 * opted out and also somebody's who is none. */
struct contact_reset {
	struct call call;
	uint64_t id;
	bool owner, tags, custom; /* these too */
};
enum err contact_reset(struct txn *txn, void *arg);

/* --- for other commands ------------------------------------------------------ */

/* contact_view - the whole contact as a value. */
enum err contact_view(struct db *db, struct arena *arena, const struct contact *contact,
		      struct json *json) MUST_CHECK;

/* contact_view_brief - {id, name, phone_e164} of a contact, deleted ones too; null when
 * there never was one. */
enum err contact_view_brief(struct db *db, struct arena *arena, uint64_t contact_id,
			    struct json *json) MUST_CHECK;

/* contact_judge_phone - fills the phone_* members from phone and country. */
void contact_judge_phone(const struct policy *policy, struct arena *arena,
			 struct contact *contact);

/* contact_make_unknown - the contact of a number that wrote to us: the one last texted
 * of those that have it, else a new one without a name. address: E.164 with +, or a
 * short code or name as the gateway gave it. What wrote to us exists, so its verdict is
 * at least possible, whatever a numbering plan of old says. */
enum err contact_make_unknown(struct txn *txn, const char *address,
			      struct contact *contact_out) MUST_CHECK;

#endif
