/* daemon.h - the whole, put together: started in order, stopped in reverse.
 *
 *	settings → store → core → gateway → API and doors → dispatcher and scheduler → ready
 *
 * `handbox serve` runs it with its doors open. Any other call of the program that finds no daemon runs it without doors,
 * only behind a unix socket, does its work over that, and stops it: one way in, whoever asks.
 *
 *	err = daemon_new(&config, &daemon, &why);
 *	daemon_run(daemon);			until daemon_stop() or SIGTERM
 *	daemon_free(&daemon);
 *
 * Thread: all but daemon_stop on one thread, the loop.
 */
#ifndef HB_DAEMON_H
#define HB_DAEMON_H

#include "base/buf.h"
#include "base/err.h"
#include "settings.h"
#include "store/store.h"

struct daemon;

struct daemon_config {
	const char *settings_path;  /* read again on SIGHUP */
	struct settings **settings; /* moves in on success */
	bool has_doors;     /* false: only the socket, and nothing is handed over */
	const char *socket; /* NULL: DATABASE.sock */
	enum store_open_mode mode;
	bool handles_signals; /* SIGTERM, SIGINT, SIGHUP, SIGUSR1 */
};

/* daemon_new - on an error everything is taken down again, and *why_out (mem_free) says what, where, and how to mend it. */
enum err daemon_new(const struct daemon_config *config, struct daemon **daemon_out,
		    char **why_out) MUST_CHECK;

/* daemon_run - serves until it is stopped; returns when everything that was under way has been settled. */
void daemon_run(struct daemon *daemon);

/* daemon_stop - any thread. No new hand-overs, up to 10 s for the gateway's answers. */
void daemon_stop(struct daemon *daemon);
void daemon_free(struct daemon **daemon);

/* daemon_socket_path - where the socket of a database is. The caller's mem_free. */
char *daemon_socket_path(const char *database);

unsigned daemon_port(const struct daemon *daemon);

#endif
