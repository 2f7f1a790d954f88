/* mail_step.c - see mail_step.h */
#include "core/mail_step.h"

#include <string.h>

#include "core/members.h"
#include "model/email.h"
#include "store/email_rows.h"
#include "store/user_rows.h"

enum { PARTS = 3 };

/* One e-mail in the making. */
struct making {
	struct txn *txn;
	struct mail_step *mail;
	struct arena *arena;
	struct email email;
	const char *reason, *detail, *fix; /* why it is not made; reason NULL: it is */
};

static void fail(struct making *making, const char *reason, const char *detail,
		 const char *fix)
{
	making->reason = reason;
	making->detail = detail;
	making->fix = fix;
}

/* --- rendering ------------------------------------------------------------------------------------------------------- */

static bool uses_user(const struct step_email *email)
{
	return template_uses(email->to, "user.") ||
	       template_uses(email->subject, "user.") ||
	       template_uses(email->body, "user.");
}

/* The owner speaks in an e-mail; nobody, when the contact has none or they have left. */
static enum err load_owner(struct making *making, struct user *owner, bool *has_out)
{
	const struct render *render = making->mail->render;
	*has_out = false;
	if (!render->contact->owner_id || !uses_user(&making->mail->step->email))
		return ERR_OK;
	enum err err = user_rows_load(render->db, making->arena,
				      render->contact->owner_id, owner);
	*has_out = err == ERR_OK && owner->is_active;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void note_holes(struct making *making, const struct template_rendered *part)
{
	for (size_t i = 0; i < part->hole_count; i++) {
		const char *field = part->holes[i].field;
		fail(making, "hole",
		     making->reason ? arena_printf(making->arena, "%s, %s",
						   making->detail, field)
				    : arena_printf(making->arena, "empty: %s", field),
		     "Fill the value in, or give it a default in the workflow: "
		     "{{ NAME | default: \"…\" }}.");
	}
}

static const char *trimmed(struct arena *arena, const char *text)
{
	text += strspn(text, " ");
	size_t len = strlen(text);
	while (len && text[len - 1] == ' ')
		len--;
	return arena_strndup(arena, text, len);
}

static enum err render_parts(struct making *making)
{
	const struct step_email *step = &making->mail->step->email;
	const struct template *const templates[PARTS] = {step->to, step->subject,
							 step->body};
	struct template_rendered parts[PARTS];
	struct render render = *making->mail->render;
	struct user owner;
	bool has_owner;
	enum err err = load_owner(making, &owner, &has_owner);
	render.user = has_owner ? &owner : NULL;
	for (unsigned i = 0; err == ERR_OK && i < PARTS; i++) {
		err = render_text(&render, templates[i], &parts[i]);
		if (err == ERR_OK)
			note_holes(making, &parts[i]);
	}
	if (err != ERR_OK)
		return err;
	making->email.recipient = trimmed(making->arena, parts[0].text);
	making->email.subject = parts[1].text;
	making->email.body = parts[2].text;
	return ERR_OK;
}

/* --- checks ---------------------------------------------------------------------------------------------------------- */

static void check(struct making *making, struct email_sender *sender)
{
	const struct policy *policy = core_policy(txn_context(making->txn));
	const struct email *email = &making->email;
	const char *why;
	if (making->reason)
		return;
	if (!email_address_is_one(email->recipient, &why))
		fail(making, "bad_address",
		     arena_printf(making->arena,
				  "An e-mail goes to exactly one address: %s.", why),
		     "Correct the contact's e-mail address, or the step's `to`.");
	else if (!policy->mail_from ||
		 !email_sender_parse(making->arena, policy->mail_from, sender, &why))
		fail(making, "no_mail_server", MAIL_NOT_CONFIGURED, MAIL_CONFIGURE);
}

/* --- the line in the journal ----------------------------------------------------------------------------------------- */

static void tell(struct making *making, const char *kind)
{
	struct members members;
	struct json *json = members_begin(&members);
	const struct email *email = &making->email;
	making->mail->kind = kind;
	if (!making->reason)
		json_key_id(json, "email", email->id);
	json_key_int(json, "visit", email->visit);
	json_key_str(json, "to", email->recipient);
	json_key_str(json, "subject", email->subject);
	if (email->state == EMAIL_TEST)
		json_key_str(json, "body", email->body);
	if (making->reason) {
		json_key_str(json, "reason", making->reason);
		json_key_str(json, "detail", making->detail);
		json_key_str(json, "fix", making->fix);
	}
	making->mail->members = members_end(&members, making->arena);
}

/* A run that is a test shows what would have been sent, also where no mail server is. */
static bool is_made(const struct making *making)
{
	return !making->reason || (making->email.state == EMAIL_TEST &&
				   strcmp(making->reason, "no_mail_server") == 0);
}

static enum err put(struct making *making, const struct email_sender *sender)
{
	struct email *email = &making->email;
	struct db *db = txn_db(making->txn);
	bool is_test = email->state == EMAIL_TEST;
	making->reason = NULL;
	email->message_id =
		sender->address ? email_message_id(making->arena, email, sender) : "";
	enum err err = email_rows_insert(db, email);
	if (err == ERR_DUPLICATE) {
		tell(making, "email_repeated");
		return ERR_OK;
	}
	if (err == ERR_OK && !is_test)
		err = email_outbox_add(db, email->id, email->created_at);
	if (!is_test)
		txn_signal(making->txn, SIGNAL_MAIL);
	tell(making, is_test ? "email_not_sent" : "email_queued");
	return err;
}

enum err mail_step(struct txn *txn, struct mail_step *mail)
{
	const struct enrollment *enrollment = mail->enrollment;
	struct email_sender sender = {.address = NULL};
	struct making making = {
		.txn = txn,
		.mail = mail,
		.arena = mail->render->arena,
		.email = {.id = txn_id(txn),
			  .enrollment_id = enrollment->id,
			  .contact_id = mail->render->contact->id,
			  .step_id = mail->step->id,
			  .visit = mail->visit,
			  .state = enrollment->is_test ? EMAIL_TEST : EMAIL_WAITING,
			  .created_at = txn_now(txn),
			  .state_at = txn_now(txn)},
	};
	enum err err = render_parts(&making);
	if (err != ERR_OK)
		return err;
	check(&making, &sender);
	if (is_made(&making))
		return put(&making, &sender);
	tell(&making, "email_failed");
	return ERR_OK;
}
