/* mail_send.h - one e-mail over SMTP, by libcurl; and what its end means.
 *
 * Blocking, on a thread of the mailer's own: with SMTP libcurl's multi interface waits for the answer to the final dot
 * inside curl_multi_socket_action, as long as the server takes, and on the loop the texts would stand still with it. Ref:
 * curl.se/libcurl/c/libcurl-multi.html, "BLOCKING": the DONE operation of SMTP
 *
 *	struct mail_line *line = mail_line_new();	a connection, made when it is first used
 *	mail_line_send(line, &order);			order.outcome, order.detail
 *	mail_line_free(&line);				says QUIT
 *
 * What counts: a 250 to the dot is taken; 4xx from MAIL on is deferred, 5xx refused; whatever goes wrong before MAIL, or
 * on the way, is no fault of the e-mail (no server); and when the whole message has left and no answer came, nobody
 * knows: unsure. So are a login that is refused and TLS that fails: they are the set-up's.
 *
 * Thread: a line is used by one thread at a time, any.
 */
#ifndef HB_LINK_MAIL_SEND_H
#define HB_LINK_MAIL_SEND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "core/mail.h"

enum mail_tls {
	MAIL_TLS_AUTO, /* required, but not asked for on this very machine */
	MAIL_TLS_REQUIRED,
	MAIL_TLS_OFF,
	MAIL_TLS_COUNT
};

enum { MAIL_DETAIL_MOST = 240 };

/* Where mails go. Strings are borrowed, but for the copy of mail_config_new. */
struct mail_config {
	const char *url; /* smtp://host[:port] or smtps://host[:port]; NULL: nowhere */
	const char *user, *password; /* NULL: no login */
	const char *ca_file;         /* PEM; NULL: the system's */
	const char *from;            /* "address" or "Name <address>" */
	enum mail_tls tls;
};

/* mail_config_fault - a sentence about what is wrong with it, in arena; NULL: nothing. */
const char *mail_config_fault(struct arena *arena, const struct mail_config *config);

/* A copy that several threads share. */
struct mail_settings;
struct mail_settings *mail_settings_new(const struct mail_config *config);
struct mail_settings *mail_settings_ref(struct mail_settings *settings);
void mail_settings_unref(struct mail_settings **settings);
const struct mail_config *mail_settings_of(const struct mail_settings *settings);

/* One e-mail to send, and how it ended. */
struct mail_order {
	struct mail_settings *settings;
	struct buf wire;           /* email_write() */
	const char *from, *to;     /* the envelope: plain addresses */
	const atomic_bool *is_off; /* set: give up within a second */
	/* out */
	enum mail_outcome outcome;
	char detail[MAIL_DETAIL_MOST]; /* the server's last words, or what went wrong */
};

struct mail_line;
struct mail_line *mail_line_new(void);
void mail_line_free(struct mail_line **line); /* may take a second; NULL is fine */
void mail_line_send(struct mail_line *line, struct mail_order *order);

/* mail_try - connects, greets, goes over to TLS and logs in as for an e-mail, and leaves: for doctor. false: detail says
 * why not. */
bool mail_try(const struct mail_config *config, char detail[MAIL_DETAIL_MOST]);

/* mail_judge - pure: what an attempt means. */
struct mail_ending {
	int result;      /* CURLcode */
	long code;       /* the server's last answer; 0: none */
	bool is_in_mail; /* MAIL or a later command was sent */
	bool has_left; /* the whole message was handed to the connection, up to the dot */
};
enum mail_outcome mail_judge(const struct mail_ending *ending);

#endif
