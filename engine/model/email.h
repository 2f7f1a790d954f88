/* email.h - e-mails: their states, who one goes to, and how it looks on the wire.
 *
 * An e-mail is plain text in UTF-8 to exactly one address. Whatever a value of a contact holds, it stays inside the field
 * it was put into: an address is one address or none at all, a header is one header.
 *
 *	if (!email_address_is_one(to, &why)) …
 *	const struct email_wire wire = {.from = &from, .to = to, .subject = subject, .body = body, …};
 *	email_write(&wire, &buf);		the whole message, as it goes between DATA and the dot
 *
 * Header texts that are not plain ASCII are encoded words, folded (RFC 2047); a body with such letters or long lines goes
 * as base64. GMime would do it too, and brings GLib and GPGME into the daemon; libcurl's MIME writer makes every mail a
 * multipart and encodes no header.
 *
 * Thread: any. Pure. Ref: RFC 5321, 5322, 2045, 2047, 3834 (Auto-Submitted)
 */
#ifndef HB_MODEL_EMAIL_H
#define HB_MODEL_EMAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"

#define S(state, name) state,
enum email_state {
#include "model/email_states.def"
	EMAIL_STATE_COUNT
};
#undef S
#define V(event, name) event,
enum email_event {
#include "model/email_states.def"
	EMAIL_EVENT_COUNT
};
#undef V

/* email_next - the state that event leads to; false: that event does not move that state. */
bool email_next(enum email_state state, enum email_event event,
		enum email_state *next_out);
const char *email_state_name(enum email_state state);

/* One e-mail of one visit of one send-email step, or a digest. */
struct email {
	uint64_t id;
	uint64_t enrollment_id, contact_id; /* 0: a digest */
	uint64_t user_id;                   /* of a digest */
	const char *step_id;
	uint32_t visit;
	const char *recipient, *subject, *body; /* as rendered */
	const char *message_id;                 /* without its brackets */
	enum email_state state;
	const char *detail; /* the server's last words, or why it failed; NULL: none */
	int64_t created_at, state_at;
	uint32_t attempts; /* how often it was begun */
};

enum { EMAIL_ADDRESS_MAX = 254 };

/* email_address_is_one - a plain mailbox, nothing around it: local@domain, the local part in RFC 5322's dot-atom form, ASCII
 * (an international domain as xn--…). No comma, blank, bracket, quote or control character: one address is never two.
 * false: *why_out is a sentence. */
bool email_address_is_one(const char *text, const char **why_out);

/* who mails come from: `mail-from` */
struct email_sender {
	const char *name; /* NULL: none */
	const char *address;
};

/* email_sender_parse - "address" or "Name <address>" into arena; false: *why_out is a sentence. */
bool email_sender_parse(struct arena *arena, const char *text,
			struct email_sender *sender_out, const char **why_out);

/* email_message_id - the same for the same (enrollment, step, visit), or digest, so that whoever gets one twice can tell. In arena,
 * without brackets; the domain is the sender's. */
const char *email_message_id(struct arena *arena, const struct email *email,
			     const struct email_sender *sender);

struct email_wire {
	struct email_sender from;
	const char *to, *subject, *body, *message_id;
	int64_t at; /* UTC ms, its Date */
};

/* email_write - the message, CRLF lines, none longer than 78 bytes; dots are not doubled. */
void email_write(const struct email_wire *wire, struct buf *out);

#endif
