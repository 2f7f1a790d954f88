/* doctor.c - `handbox doctor`: everything that must be right, a line each, with the remedy.
 *
 * It changes nothing: no database is made, no text is sent, Kannel is only connected to.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/probe.h"
#include "cli/remote.h"
#include "settings.h"
#include "store/store.h"

enum level { FINE, WARN, FAIL };

struct findings {
	struct cli *cli;
	bool is_brief; /* one line at the end, for Nagios */
	unsigned counts[FAIL + 1];
	const char *first[FAIL + 1]; /* of each level */
};

static void found(struct findings *findings, enum level level, const char *what,
		  const char *fix)
{
	static const char *const words[] = {"ok  ", "warn", "FAIL"};
	if (!findings->counts[level]++)
		findings->first[level] = what;
	if (!findings->is_brief)
		printf("%s  %s%s%s\n", words[level], what, fix && *fix ? " — " : "",
		       fix ? fix : "");
}

#define WHAT(findings, ...) arena_printf((findings)->cli->arena, __VA_ARGS__)

/* --- configuration -------------------------------------------------------------------------------------------------------------- */

static void look_at_config(struct findings *findings)
{
	struct settings *settings = NULL;
	const char *path = findings->cli->settings_path;
	char *why = NULL;
	if (settings_read(path, &settings, &why) == ERR_OK) {
		found(findings, FINE, WHAT(findings, "%s is in order", path), NULL);
		settings_free(&settings);
		return;
	}
	for (const char *at = why; *at;) {
		size_t len = strcspn(at, "\n");
		found(findings, FAIL, WHAT(findings, "%.*s", (int)len, at),
		      "handbox does not start with it");
		at += len + (at[len] == '\n');
	}
	mem_free(why);
}

/* --- database ------------------------------------------------------------------------------------------------------------------ */

static void look_at_disk(struct findings *findings, const char *database)
{
	struct statvfs disk;
	const char *slash = strrchr(database, '/');
	const char *folder =
		slash ? WHAT(findings, "%.*s/", (int)(slash - database), database)
		      : ".";
	if (statvfs(folder, &disk) < 0)
		return; /* the folder's own finding says more */
	double free_part =
		disk.f_blocks ? (double)disk.f_bavail / (double)disk.f_blocks : 1;
	if (free_part < 0.05)
		found(findings, WARN,
		      WHAT(findings, "the disk of %s has %.0f%% left", folder,
			   free_part * 100),
		      "make room: with a full disk nothing can be approved");
}

static void look_at_file(struct findings *findings, const char *database)
{
	unsigned version;
	char *why = NULL;
	if (access(database, F_OK) < 0 && errno == ENOENT) {
		const char *slash = strrchr(database, '/');
		const char *folder = slash ? WHAT(findings, "%.*s/",
						  (int)(slash - database), database)
					   : "./";
		if (access(folder, F_OK) < 0)
			found(findings, FAIL,
			      WHAT(findings, "the folder %s of the database is missing",
				   folder),
			      WHAT(findings, "install -d -m 0700 %s", folder));
		else
			found(findings, WARN,
			      WHAT(findings, "there is no database %s yet", database),
			      "`handbox serve` makes it");
		return;
	}
	if (store_schema_of(database, &version, &why) != ERR_OK)
		found(findings, FAIL, WHAT(findings, "%s", why), NULL);
	else if (version < STORE_SCHEMA_VERSION)
		found(findings, FAIL,
		      WHAT(findings, "%s is at schema %u, older than this handbox",
			   database, version),
		      "handbox migrate");
	else if (version > STORE_SCHEMA_VERSION)
		found(findings, FAIL,
		      WHAT(findings, "%s is at schema %u, of a newer handbox", database,
			   version),
		      "install the newer one");
	else
		found(findings, FINE,
		      WHAT(findings, "database %s, schema %u", database, version),
		      NULL);
	mem_free(why);
}

/* --- the daemon ---------------------------------------------------------------------------------------------------------------- */

static const struct json_t *ask(struct cli *cli, const char *path)
{
	const struct api_answer *answer = api_try(
		cli,
		&(struct api_request){.method = "GET", .path = path, .as_shell = true});
	return answer && api_is_fine(answer) ? answer->value : NULL;
}

static void look_at_work(struct findings *findings, const struct json_t *status)
{
	if (!value_bool(status, "sms_enabled"))
		found(findings, WARN,
		      "the channel is off: nothing is approved or handed over",
		      "handbox channel on --reason …");
	if (value_int(status, "uncertain"))
		found(findings, WARN,
		      WHAT(findings, "%lld texts are uncertain",
			   (long long)value_int(status, "uncertain")),
		      "handbox uncertain --kannel-log FILE, then handbox resolve");
	if (!value_is_there(status, "circuit"))
		return;
	const char *reason = value_text(status, "reason");
	if (*reason)
		found(findings, FAIL,
		      WHAT(findings, "hand-over to Kannel does not work: %s", reason),
		      WHAT(findings, "%lld texts wait",
			   (long long)value_int(status, "outbox")));
	else if (value_is_there(status, "last_answer"))
		found(findings, FINE, "hand-over to Kannel works", NULL);
	else
		found(findings, FINE, "nothing has been handed over since the start",
		      NULL);
}

static void look_at_daemon(struct findings *findings)
{
	const char *why;
	if (!remote_is_served(findings->cli, &why)) {
		found(findings, why ? FAIL : WARN,
		      why ? why : "no daemon runs on this database",
		      why ? NULL : "systemctl start handbox, or `handbox serve`");
		return;
	}
	const struct json_t *status = ask(findings->cli, "/kannel/status");
	const struct json_t *state = ask(findings->cli, "/shell/state");
	if (!status || !state) {
		found(findings, FAIL,
		      "the daemon runs, but does not answer as it should",
		      "see its log");
		return;
	}
	found(findings, FINE, "the daemon runs and answers", NULL);
	if (value_is_there(state, "restored_copy"))
		found(findings, WARN,
		      WHAT(findings,
			   "this database is a copy of %s: nothing is handed over",
			   value_text(state, "restored_copy")),
		      "handbox resume --restored, when it is the one that counts");
	look_at_work(findings, status);
}

/* --- Kannel --------------------------------------------------------------------------------------------------------------------- */

static void look_at_kannel_files(struct findings *findings,
				 const struct settings *settings)
{
	const struct kannel_setup *setup = &settings->kannel;
	for (unsigned i = 0; settings->kannel_file && i < setup->finding_count; i++) {
		const struct kannel_finding *finding = &setup->findings[i];
		found(findings,
		      finding->level == KANNEL_OK     ? FINE
		      : finding->level == KANNEL_WARN ? WARN
						      : FAIL,
		      finding->sentence, finding->fix);
	}
	if (settings->gateway.username)
		found(findings, FINE,
		      WHAT(findings,
			   "texts go out as sendsms user %s, at most %u segments each, "
			   "through %s",
			   settings->gateway.username, settings->policy.max_segments,
			   settings->gateway.url),
		      NULL);
}

static void look_at_sendsms(struct findings *findings, const struct settings *settings)
{
	const char *why = NULL;
	if (!settings->has_kannel) {
		found(findings, FAIL,
		      "no Kannel is configured: texts would wait for ever",
		      "set kannel-conf, or sendsms-url with user and password");
		return;
	}
	if (!settings->gateway.url)
		return; /* the configuration's own finding says more */
	if (probe_url(findings->cli->arena, settings->gateway.url, &why))
		found(findings, FINE,
		      WHAT(findings, "sendsms answers at %s", settings->gateway.url),
		      NULL);
	else
		found(findings, FAIL,
		      WHAT(findings, "sendsms does not answer at %s: %s",
			   settings->gateway.url, why),
		      "start smsbox; see that it listens there (sendsms-port)");
}

static bool is_here(struct findings *findings, const char *url)
{
	const char *host, *port;
	if (!url || !probe_split(findings->cli->arena, url, &host, &port))
		return false;
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0 ||
	       strcmp(host, "::1") == 0;
}

static void look_at_callbacks(struct findings *findings,
			      const struct settings *settings)
{
	const char *why = NULL, *url = settings->callback_url;
	bool is_served = remote_is_served(findings->cli, &why);
	if (!url)
		return;
	if (is_here(findings, url) && settings->gateway.url &&
	    !is_here(findings, settings->gateway.url)) {
		found(findings, FAIL,
		      WHAT(findings,
			   "callback-url %s is this machine's own, but smsbox runs at "
			   "%s",
			   url, settings->gateway.url),
		      "set callback-url and kannel-listen to an address that smsbox "
		      "reaches, and kannel-allow-ip to its");
		return;
	}
	if (!is_served)
		found(findings, FINE, WHAT(findings, "Kannel will call %s", url), NULL);
	else if (probe_url(findings->cli->arena, url, &why))
		found(findings, FINE, WHAT(findings, "callbacks arrive at %s", url),
		      NULL);
	else
		found(findings, FAIL,
		      WHAT(findings, "nothing answers at callback-url %s: %s", url,
			   why),
		      "it must lead to kannel-listen");
}

/* --- mail ----------------------------------------------------------------------------------------------------------------------- */

static void look_at_mail(struct findings *findings, const struct settings *settings)
{
	char detail[MAIL_DETAIL_MOST];
	const struct mail_config *mail = &settings->mail;
	if (!mail->url)
		found(findings, FINE,
		      "no mail server is configured: send-email steps fail",
		      "set smtp-url and mail-from, when workflows have such steps");
	else if (mail_try(mail, detail))
		found(findings, FINE,
		      WHAT(findings, "the mail server answers at %s%s", mail->url,
			   mail->user ? " and lets smtp-user in" : ""),
		      NULL);
	else
		found(findings, FAIL,
		      WHAT(findings, "the mail server at %s cannot be used: %s",
			   mail->url, detail),
		      "see that it runs there; smtp-url, smtp-tls, smtp-user and "
		      "smtp-password must fit it");
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------ */

static int print_brief(const struct findings *findings)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL"};
	enum level worst = findings->counts[FAIL]   ? FAIL
			   : findings->counts[WARN] ? WARN
						    : FINE;
	printf("HANDBOX %s - ", words[worst]);
	if (worst == FINE)
		printf("%u checks are fine", findings->counts[FINE]);
	else
		printf("%s", findings->first[worst]);
	if (findings->counts[FAIL] + findings->counts[WARN] > 1)
		printf(" (%u fail, %u warn)", findings->counts[FAIL],
		       findings->counts[WARN]);
	printf("\n");
	return (int)worst;
}

static int doctor(struct cli *cli)
{
	struct findings findings = {.cli = cli, .is_brief = cli_has(cli, "check")};
	char *why = NULL;
	look_at_config(&findings);
	if (settings_read_own(cli->settings_path, &cli->settings, &why) == ERR_OK) {
		look_at_disk(&findings, cli->settings->database);
		look_at_file(&findings, cli->settings->database);
		look_at_daemon(&findings);
		look_at_kannel_files(&findings, cli->settings);
		look_at_sendsms(&findings, cli->settings);
		look_at_callbacks(&findings, cli->settings);
		look_at_mail(&findings, cli->settings);
	}
	mem_free(why);
	if (findings.is_brief)
		return print_brief(&findings);
	return findings.counts[FAIL] ? CLI_FAILED : CLI_OK;
}

static const struct cli_option options[] = {
	{"check", NULL,
	 "one line, and the exit codes of Nagios: 0 fine, 1 warning, 2 critical"},
	{NULL, NULL, NULL},
};

static const struct cli_command rows[] = {
	{"doctor", "[--check]",
	 "Check configuration, database, Kannel, callbacks and mail, each with its "
	 "remedy",
	 doctor, options, 0, 0, CLI_NO_SETTINGS | CLI_EXISTING},
};
const struct cli_commands cli_doctor_commands = {rows, 1};
