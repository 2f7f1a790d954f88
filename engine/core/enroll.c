/* enroll.c - see enroll.h; what reads enrollments is in enrollment_view.c */
#include "core/enroll.h"

#include "base/ident.h"
#include "core/advance.h"
#include "core/core.h"
#include "core/journal.h"
#include "core/members.h"
#include "core/plans.h"
#include "store/contact_rows.h"
#include "store/workflow_rows.h"

#define CAUSE_MANUAL "manual" /* by hand or API; triggers have their own */
#define CAUSE_TEST   "test"

static const char *const outcome_names[ENROLL_OUTCOME_COUNT] = {
	[ENROLL_ENROLLED] = "enrolled",
	[ENROLL_ALREADY] = "already_enrolled",
	[ENROLL_ONCE_DONE] = "once_done",
	[ENROLL_OPTED_OUT] = "opted_out",
	[ENROLL_NOT_PUBLISHED] = "not_published",
	[ENROLL_NOT_TEST_CONTACT] = "not_test_contact",
	[ENROLL_UNKNOWN_CONTACT] = "unknown_contact",
	[ENROLL_TOO_MANY] = "too_many",
};

const char *enroll_outcome_name(enum enroll_outcome outcome)
{
	return outcome_names[outcome];
}

/* What all contacts of a command share. */
struct entry {
	struct txn *txn;
	struct db *db;
	struct arena *arena;
	const struct actor *actor;
	struct workflow workflow;
	const struct enroll_test *test;     /* NULL: it is meant */
	struct enroll_triggered *triggered; /* NULL: by hand or API */
	uint32_t version;                   /* of plan */
	struct plan *plan;                  /* NULL: not published */
};

struct verdict {
	enum enroll_outcome outcome;
	uint64_t enrollment_id;
};

static uint32_t version_to_run(const struct entry *entry)
{
	if (entry->test)
		return entry->workflow.draft_version;
	return entry->workflow.state == WORKFLOW_PUBLISHED
		       ? entry->workflow.published_version
		       : 0;
}

static enum err entry_init(struct entry *entry, struct txn *txn,
			   const struct actor *actor, const char *workflow_id,
			   const struct enroll_test *test)
{
	*entry = (struct entry){.txn = txn,
				.db = txn_db(txn),
				.arena = txn_arena(txn),
				.actor = actor,
				.test = test && test->is_on ? test : NULL};
	enum err err = workflow_rows_load(entry->db, entry->arena, workflow_id,
					  &entry->workflow);
	if (err != ERR_OK)
		return err;
	entry->version = version_to_run(entry);
	return entry->version ? plans_get(txn_context(txn), entry->db, workflow_id,
					  entry->version, &entry->plan)
			      : ERR_OK;
}

static const char *cause_of(const struct entry *entry)
{
	if (entry->triggered)
		return entry->triggered->cause;
	return entry->test ? CAUSE_TEST : CAUSE_MANUAL;
}

/* --- may this contact enter? Each rule leaves the outcome as it is, or says why not --- */

static enum err check_published(const struct entry *entry,
				const struct contact *contact, struct verdict *verdict)
{
	(void)contact;
	if (!entry->plan)
		verdict->outcome = ENROLL_NOT_PUBLISHED;
	return ERR_OK;
}

static enum err check_test(const struct entry *entry, const struct contact *contact,
			   struct verdict *verdict)
{
	if (entry->test && !contact->is_test)
		verdict->outcome = ENROLL_NOT_TEST_CONTACT;
	return ERR_OK;
}

static enum err check_consent(const struct entry *entry, const struct contact *contact,
			      struct verdict *verdict)
{
	struct number number;
	if (!contact->phone_e164)
		return ERR_OK;
	enum err err =
		number_rows_load(entry->db, entry->arena, contact->phone_e164, &number);
	if (err == ERR_OK && number.is_opted_out)
		verdict->outcome = ENROLL_OPTED_OUT;
	return err;
}

static enum err check_reentry(const struct entry *entry, const struct contact *contact,
			      struct verdict *verdict)
{
	struct enrollment latest;
	if (entry->plan->settings.reentry == REENTRY_CONCURRENT)
		return ERR_OK;
	enum err err =
		enrollment_rows_latest(entry->db, entry->arena, entry->workflow.id,
				       contact->id, entry->test != NULL, &latest);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	if (enrollment_state_is_open(latest.state))
		verdict->outcome = ENROLL_ALREADY;
	else if (entry->plan->settings.reentry == REENTRY_ONCE)
		verdict->outcome = ENROLL_ONCE_DONE;
	if (verdict->outcome != ENROLL_ENROLLED)
		verdict->enrollment_id = latest.id;
	return ERR_OK;
}

static enum err check_storm(const struct entry *entry, const struct contact *contact,
			    struct verdict *verdict)
{
	int64_t count = 0;
	int64_t most = core_policy(txn_context(entry->txn))->enrollments_per_hour;
	enum err err = enrollment_rows_count_since(
		entry->db, contact->id, ident_least(txn_now(entry->txn) - HOUR_MS),
		most, &count);
	if (err == ERR_OK && count >= most)
		verdict->outcome = ENROLL_TOO_MANY;
	return err;
}

typedef enum err check_fn(const struct entry *entry, const struct contact *contact,
			  struct verdict *verdict);

static check_fn *const checks[] = {check_published, check_test, check_consent,
				   check_reentry, check_storm};

/* --- entering --- */

static const char *who_did(const struct actor *actor)
{
	return actor->name ? actor->name : actor_kind_name(actor->kind);
}

static struct enrollment new_enrollment(const struct entry *entry,
					const struct contact *contact)
{
	const struct enroll_triggered *triggered = entry->triggered;
	return (struct enrollment){
		.id = txn_id(entry->txn),
		.workflow_id = entry->workflow.id,
		.version = entry->version,
		.contact_id = contact->id,
		.state = ENROLLMENT_ACTIVE,
		.reason = "Is being started",
		.is_test = entry->test != NULL,
		.compress = entry->test ? entry->test->compress : 0,
		.reply_id = triggered ? triggered->message_id : 0,
		.data = triggered ? triggered->data : NULL,
		.depth = triggered ? triggered->depth : 0,
		.created_by = triggered ? triggered->user_id : entry->actor->user_id,
		.created_at = txn_now(entry->txn),
	};
}

/* Of what a trigger saw, who did it is a part. */
static const char *enrolled_members(const struct entry *entry,
				    const struct enrollment *enrollment)
{
	struct members members;
	struct json *json = members_begin(&members);
	json_key_str(json, "cause", cause_of(entry));
	if (!entry->triggered)
		json_key_str(json, "by", who_did(entry->actor));
	json_key_int(json, "version", enrollment->version);
	if (enrollment->compress > 1)
		json_key_int(json, "compress", enrollment->compress);
	const char *detail = members_end(&members, entry->arena);
	return entry->triggered && *entry->triggered->detail
		       ? arena_printf(entry->arena, "%s,%s", detail,
				      entry->triggered->detail)
		       : detail;
}

static enum err enter(struct entry *entry, struct contact *contact,
		      struct verdict *verdict)
{
	struct enrollment enrollment = new_enrollment(entry, contact);
	struct advance_with with = {.contact = contact, .plan = entry->plan};
	enum err err = enrollment_rows_insert(entry->db, &enrollment);
	if (err == ERR_OK)
		err = journal_add(entry->txn, enrollment.id, NULL, "enrolled",
				  enrolled_members(entry, &enrollment));
	if (err == ERR_OK)
		err = advance_start_with(entry->txn, entry->actor, &enrollment, &with);
	if (entry->triggered)
		entry->triggered->steps = with.steps;
	verdict->enrollment_id = enrollment.id;
	return err;
}

static enum err note_refusal(struct entry *entry, uint64_t contact_id,
			     const struct verdict *verdict)
{
	struct members members;
	struct json *json = members_begin(&members);
	if (!entry->triggered)
		json_key_str(json, "by", who_did(entry->actor));
	json_key_id(json, "enrollment", verdict->enrollment_id);
	const char *detail = members_end(&members, entry->arena);
	if (entry->triggered && *entry->triggered->detail)
		detail = arena_printf(entry->arena, "%s,%s", entry->triggered->detail,
				      detail);
	const struct not_enrolled what = {
		.id = txn_id(entry->txn),
		.cause = cause_of(entry),
		.at = txn_now(entry->txn),
		.outcome = enroll_outcome_name(verdict->outcome),
		.detail = arena_printf(entry->arena, "{%s}", detail)};
	return not_enrolled_rows_note(entry->db, entry->workflow.id, contact_id, &what);
}

static enum err enroll_contact(struct entry *entry, struct contact *contact,
			       struct verdict *verdict)
{
	enum err err = ERR_OK;
	*verdict = (struct verdict){.outcome = ENROLL_ENROLLED};
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (err == ERR_OK && verdict->outcome == ENROLL_ENROLLED)
			err = checks[i](entry, contact, verdict);
	if (err != ERR_OK)
		return err;
	if (verdict->outcome != ENROLL_ENROLLED)
		return note_refusal(entry, contact->id, verdict);
	return enter(entry, contact, verdict);
}

static enum err enroll(struct entry *entry, uint64_t contact_id,
		       struct verdict *verdict)
{
	struct contact contact;
	enum err err = contact_rows_load(entry->db, entry->arena, contact_id, &contact);
	if (err == ERR_OK)
		return enroll_contact(entry, &contact, verdict);
	/* nobody could ever ask why: not kept */
	*verdict = (struct verdict){.outcome = ENROLL_UNKNOWN_CONTACT};
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void write_verdict(struct json *json, uint64_t contact_id,
			  const struct verdict *verdict)
{
	json_object(json);
	json_key_id(json, "contact", contact_id);
	json_key_str(json, "outcome", enroll_outcome_name(verdict->outcome));
	if (verdict->enrollment_id)
		json_key_id(json, "enrollment", verdict->enrollment_id);
	json_end_object(json);
}

enum err enroll_contacts(struct txn *txn, void *arg)
{
	struct enroll *cmd = arg;
	struct entry entry;
	enum err err =
		entry_init(&entry, txn, cmd->call.actor, cmd->workflow_id, &cmd->test);
	if (err == ERR_NOT_FOUND)
		return call_refuse(
			&cmd->call, ERR_NOT_FOUND,
			"There is no workflow %s; GET /api/v1/workflows lists them.",
			cmd->workflow_id);
	for (size_t i = 0; i < cmd->count && err == ERR_OK; i++) {
		struct verdict verdict;
		struct json json = call_json(&cmd->call);
		if (i)
			buf_add_char(&cmd->call.answer, ',');
		err = enroll(&entry, cmd->contact_ids[i], &verdict);
		if (err == ERR_OK)
			write_verdict(&json, cmd->contact_ids[i], &verdict);
	}
	plan_unref(&entry.plan);
	return err;
}

enum err enroll_one(struct txn *txn, const struct actor *actor,
		    const struct enrolling *in, enum enroll_outcome *outcome_out,
		    uint64_t *enrollment_out)
{
	struct entry entry;
	struct verdict verdict;
	enum err err = entry_init(&entry, txn, actor, in->workflow_id, NULL);
	if (err == ERR_OK)
		err = enroll(&entry, in->contact_id, &verdict);
	plan_unref(&entry.plan);
	if (err == ERR_OK) {
		*outcome_out = verdict.outcome;
		*enrollment_out = verdict.enrollment_id;
	}
	return err;
}

enum err enroll_triggered(struct txn *txn, struct enroll_triggered *in,
			  enum enroll_outcome *outcome_out)
{
	struct verdict verdict;
	struct entry entry = {.txn = txn,
			      .db = txn_db(txn),
			      .arena = txn_arena(txn),
			      .actor = &actor_system,
			      .workflow = *in->workflow,
			      .triggered = in,
			      .version = in->workflow->published_version,
			      .plan = in->plan};
	enum err err = enroll_contact(&entry, in->contact, &verdict);
	*outcome_out = verdict.outcome;
	return err;
}

enum err enroll_many(struct txn *txn, const struct actor *actor,
		     const struct enroll_many *in, enum enroll_outcome *outcomes_out)
{
	struct entry entry;
	struct verdict verdict;
	enum err err = entry_init(&entry, txn, actor, in->workflow_id, &in->test);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < in->count && err == ERR_OK; i++) {
		err = enroll(&entry, in->contact_ids[i], &verdict);
		outcomes_out[i] = verdict.outcome;
	}
	plan_unref(&entry.plan);
	return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
}
