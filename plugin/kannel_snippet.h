/* kannel_snippet.h - writes what an operator pastes into Kannel's files, and a second smsbox of our own.
 *
 * The snippet goes into the running smsbox's file: a sendsms-user, an sms-service for the replies and the smsbox
 * lines without which callbacks get lost. It says what is there already, and before which group the service has to
 * stand. The other way touches no running box: a smsbox with a file, name and port of its own, and one smsbox-route
 * group for bearerbox.
 *
 *	kannel_snippet_write(conf, &want, &out);	fputs(buf_str(&out), stdout);
 *
 * Pure; any thread. Tried on 1.4.5: what comes out loads there as it is, and kannel_conf.h reads it.
 */
#ifndef HB_PLUGIN_KANNEL_SNIPPET_H
#define HB_PLUGIN_KANNEL_SNIPPET_H

#include <stdbool.h>

#include "base/buf.h"
#include "plugin/kannel_conf.h"

struct kannel_snippet {
	const char *username,
		*password; /* of the sendsms-user to be made; kannel_snippet_can_hold both */
	/* our `from`: replies to it are ours; NULL: every reply that nobody else takes */
	const char *sender;
	const char *const
		*more_senders; /* other numbers of ours, NULL-terminated; NULL: none */
	const char *callback_url, *secret; /* as in gateway.h */
	unsigned max_segments;             /* 0: 3 */
};

struct kannel_own_smsbox {
	const char *smsbox_id; /* NULL: "handbox" */
	/* NULL: as the smsbox group of conf says, else localhost */
	const char *bearerbox_host;
	unsigned sendsms_port; /* 0: 13014 */
	const char *folder;    /* where the files will lie, absolute */
	const char *user;      /* whom the unit runs as; NULL: "kannel" */
};

/* kannel_snippet_can_hold - whether a value can stand in Kannel's files at all: one line, and without the word
 * "include", which Kannel 1.4.5 takes for an include wherever it stands. */
bool kannel_snippet_can_hold(const char *value);

/* kannel_snippet_write - conf is the operator's, or NULL when it cannot be read. */
void kannel_snippet_write(const struct kannel_conf *conf,
			  const struct kannel_snippet *want, struct buf *out);

/* kannel_own_smsbox_write_conf, …_unit, …_route - smsbox.conf, a systemd unit, and what bearerbox's file needs.
 * conf is bearerbox's file, or NULL. */
void kannel_own_smsbox_write_conf(const struct kannel_conf *conf,
				  const struct kannel_snippet *want,
				  const struct kannel_own_smsbox *own, struct buf *out);
void kannel_own_smsbox_write_unit(const struct kannel_own_smsbox *own, struct buf *out);
void kannel_own_smsbox_write_route(const struct kannel_conf *conf,
				   const struct kannel_snippet *want,
				   const struct kannel_own_smsbox *own,
				   struct buf *out);

#endif
