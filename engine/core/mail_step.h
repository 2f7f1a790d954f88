/* mail_step.h - the send-email step: an e-mail is rendered, checked and put into the outbox, in the transaction that runs the
 * step.
 *
 * What is sent is what stood there when the step ran: later changes of the contact change nothing. `user.*` is the
 * contact's owner, as nobody opens a card here; without an owner it is empty.
 *
 * The step is done at once, whatever becomes of the e-mail. It is not made, and the line in the journal says why
 * (email_failed with reason, detail and fix), when
 *
 *	hole             a value is empty and has no default: never sent with a marker in it
 *	bad_address      `to` is not exactly one address, after the blanks around it are gone
 *	no_mail_server   no smtp-url is configured
 *
 * A test enrollment sends nothing: what would have been sent is kept and journaled, whole (email_not_sent).
 *
 * Thread: a writer.
 */
#ifndef HB_CORE_MAIL_STEP_H
#define HB_CORE_MAIL_STEP_H

#include "core/render.h"
#include "workflow/plan.h"

#define MAIL_NOT_CONFIGURED "No mail server is configured."
#define MAIL_CONFIGURE                                                               \
	"Set smtp-url and mail-from in handbox.conf and reload; e-mails of earlier " \
	"runs are not made up for."

struct mail_step {
	const struct render *render; /* its user is not looked at */
	const struct enrollment *enrollment;
	const struct step *step; /* STEP_SEND_EMAIL */
	unsigned visit;
	/* out, for the step's line in the journal: in render->arena */
	const char *kind, *members;
};

/* mail_step - ERR_OK also when no e-mail was made. The same visit twice makes one. */
enum err mail_step(struct txn *txn, struct mail_step *mail) MUST_CHECK;

#endif
