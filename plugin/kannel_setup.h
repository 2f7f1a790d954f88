/* kannel_setup.h - what a kannel.conf says about us: where sendsms is, as whom, and what of it would bite.
 *
 * Two readers: `serve` takes the address, user and limits; `doctor` prints the findings, a line each with the remedy.
 * Nothing is guessed from a running Kannel here: it is the file alone.
 *
 *	struct kannel_setup setup;
 *	kannel_setup_derive(arena, conf, &wishes, &setup);
 *	if (setup.sendsms_url) …
 *	for (i = 0; i < setup.finding_count; i++) printf("%s\n", setup.findings[i].sentence);
 *
 * Pure; any thread. What comes out lives in the arena and in conf.
 * Ref: gw/smsbox.c:init_smsbox, authorise_username; gw/urltrans.c:create_onetrans, find_translation;
 * gw/bb_boxc.c:route_incoming_to_boxc
 */
#ifndef HB_PLUGIN_KANNEL_SETUP_H
#define HB_PLUGIN_KANNEL_SETUP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"
#include "plugin/kannel_conf.h"

enum kannel_level { KANNEL_OK, KANNEL_WARN, KANNEL_FAIL };

struct kannel_finding {
	enum kannel_level level;
	const char *sentence; /* what is so, with file and line where there is one */
	const char *fix;      /* what to do; "" for KANNEL_OK */
};

/* What handbox.conf wants of it; NULL or 0 where it says nothing. */
struct kannel_wishes {
	const char *sendsms_user;        /* which, when there are several */
	const char *sender;              /* our `from` */
	const char *const *more_senders; /* others, NULL-terminated; NULL: none */
	const char *smsc;
	const char *callback_url;
	unsigned max_segments;
};

enum { KANNEL_FINDINGS_MOST = 64 };

struct kannel_setup {
	/* NULL when the file does not give one; then a finding says why */
	const char *sendsms_url;
	const char *username, *password; /* NULL likewise */
	/* parts that this user's texts may have; Kannel's default is 1 */
	unsigned max_messages;
	bool concatenates;                      /* parts are joined on the telephone */
	const char *forced_smsc, *default_smsc; /* NULL: none */
	const char *replaced_sender; /* faked-sender: goes out instead of ours; NULL */
	/* default-sender or global-sender: used when we give none; NULL */
	const char *own_sender;
	const char *smsbox_id; /* NULL: it has no name */
	/* of the sms-service that would take a reply to our sender; NULL: none */
	const char *reply_service_url;
	struct kannel_finding findings[KANNEL_FINDINGS_MOST];
	unsigned finding_count;
	enum kannel_level worst;
};

/* kannel_setup_derive - always succeeds; what is wrong is a finding. */
void kannel_setup_derive(struct arena *arena, const struct kannel_conf *conf,
			 const struct kannel_wishes *wishes,
			 struct kannel_setup *setup_out);

/* kannel_clashing_service - the sms-service that takes an ordinary text to sender before one of ours would, or
 * NULL: the first with keyword = default that lets it in and is not ours. A sender of NULL stands for any. */
const struct conf_group *kannel_clashing_service(const struct kannel_conf *conf,
						 const char *sender);

/* kannel_level_name - "ok", "warn", "fail". */
const char *kannel_level_name(enum kannel_level level);

#endif
