/* kannel_log.h - reads bearerbox's access log, as far as it tells what became of a text of ours.
 *
 *	2026-11-23 10:54:32 Sent SMS [SMSC:main] [SVC:handbox] [ACT:912684680724086784] [BINF:] … [msg:5:hello] [udh:0:]
 *
 * handbox gives its message id as `account`, which stands behind ACT; SVC is the name of the sendsms user. What stands
 * behind [msg: is a stranger's and is not looked at. Ref: gw/bb_alog.c:alog_sms
 */
#ifndef HB_CLI_KANNEL_LOG_H
#define HB_CLI_KANNEL_LOG_H

#include "cli/cli.h"

struct kannel_log_line {
	const char *at;    /* "2026-11-23 10:54:32", in the zone of Kannel's machine */
	const char *event; /* "Sent SMS", "FAILED Send SMS", "DLR SMS", … */
	const char *smsc, *service, *account; /* "" when they are absent */
};

/* kannel_log_read - calls each for every line that tells of a text. Strings are borrowed for the call. CLI_FAILED: the
 * file cannot be read (said), or each returned false. */
typedef bool kannel_log_fn(void *arg, const struct kannel_log_line *line);
int kannel_log_read(struct cli *cli, const char *path, kannel_log_fn *each, void *arg);

#endif
