/* settings.h - handbox.conf: every key in one table, checked whole, with file and line in each complaint.
 *
 * The syntax is Kannel's own (kannel_conf.h). An unknown key or group, a bad value, a file that cannot be read: all are
 * errors, collected, so that one run shows them all.
 *
 *	err = settings_read("/etc/handbox/handbox.conf", &settings, &why);
 *	…
 *	settings_free(&settings);
 *
 * A reload reads the file anew; settings_reload_report() tells which changes take effect and which wait for a restart.
 *
 * Strings live as long as the settings. Thread: any, one at a time; read-only afterwards.
 */
#ifndef HB_SETTINGS_H
#define HB_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "link/mail_send.h"
#include "model/policy.h"
#include "plugin/gateway.h"
#include "plugin/kannel_setup.h"

struct settings {
	const char *path;
	/* where it listens */
	const char *listen, *kannel_listen, *tls_cert, *tls_key, *public_url,
		*trusted_proxy;
	/* what it keeps */
	const char *database, *workflows;
	int64_t node;
	/* Kannel */
	const char *kannel_conf, *sendsms_user, *sendsms_url, *sendsms_username,
		*sendsms_password;
	const char *callback_url, *kannel_secret;
	const char *const *kannel_allow_ip;        /* NULL-terminated */
	int64_t sendsms_connections, sendsms_rate; /* rate 0: no cap */
	/* mail */
	const char *smtp_url, *smtp_user, *smtp_password, *smtp_ca_file, *mail_from;
	int smtp_tls; /* enum mail_tls */
	int64_t mail_validity_ms;
	/* texts and people */
	const char *sender, *smsc, *default_region;
	int64_t sms_validity_ms, approval_validity_ms, lease_ms;
	int64_t max_segments, reply_grace_ms, reply_release_ms;
	const struct hours *hours;
	struct frequency_cap cap;
	const struct forbidden *forbidden;
	const struct number_zones *number_zones;
	const struct number_laws *number_laws;
	const char *consent_words;            /* a folder; NULL: the installed one */
	const char *const *consent_languages; /* NULL-terminated, or NULL: all */
	const char *stop_confirmation;        /* NULL: none */
	int help_task;                        /* 1: a HELP becomes a task */
	const char *const *test_numbers;
	int phone_check, words_stop, agents_see,
		sticky_sender; /* index of the word in the table */
	const char *account_name;
	const char *const *hook_allow; /* NULL-terminated, or NULL */
	int64_t enrollments_per_hour;
	int64_t retention_journal_ms, retention_events_ms, retention_deliveries_ms;
	int log_level;
	const char *log_file;

	/* made of the above */
	struct policy policy;
	struct mail_config mail;         /* its url NULL: no mail server */
	bool has_kannel;                 /* a kannel.conf or a sendsms-url is given */
	struct kannel_setup kannel;      /* of kannel-conf; empty without */
	struct kannel_conf *kannel_file; /* for doctor and snippets; NULL without */
	struct gateway_config gateway;   /* secret is filled in by the daemon */

	struct arena *arena;
	struct kannel_conf *file;
};

/* settings_read - ERR_NOT_FOUND, ERR_IO, ERR_SYNTAX, ERR_INVALID: *why_out (mem_free) has a line for each fault,
 * "file:line: sentence". */
enum err settings_read(const char *path, struct settings **settings_out,
		       char **why_out) MUST_CHECK;

/* settings_read_own - the same, but what Kannel's files lack is no error: for calls of the shell that hand nothing over,
 * like making users, or the very snippet that is to be pasted there. has_kannel may then stand without a sendsms. */
enum err settings_read_own(const char *path, struct settings **settings_out,
			   char **why_out) MUST_CHECK;
void settings_free(struct settings **settings);

/* settings_reload_report - lines "key: taken" and "key: waits for a restart" of what differs; "" when nothing does. */
void settings_reload_report(const struct settings *before, const struct settings *after,
			    struct buf *out);

/* settings_key - the table's rows, for the man page's test: false when index is beyond the last. */
struct settings_key {
	const char *name, *text_default;
	bool is_reloaded;
};
bool settings_key_at(unsigned index, struct settings_key *key_out);

#endif
