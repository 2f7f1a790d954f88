/* advance_mail.c - the send-email step in a turn: see mail_step.h */
#include "core/advance_parts.h"
#include "core/mail_step.h"

enum err walk_send_email(void *arg, const struct step *step, unsigned visit,
			 struct run_effect *effect)
{
	struct walk *walk = arg;
	const struct render render = {.core = txn_context(walk->txn),
				      .db = txn_db(walk->txn),
				      .arena = walk->arena,
				      .contact = walk->contact,
				      .enrollment = walk->enrollment};
	struct mail_step mail = {.render = &render,
				 .enrollment = walk->enrollment,
				 .step = step,
				 .visit = visit};
	(void)effect;
	enum err err = mail_step(walk->txn, &mail);
	walk->kind = mail.kind;
	walk->members = mail.members;
	return err;
}
