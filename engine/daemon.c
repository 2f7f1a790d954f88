/* daemon.c - see daemon.h */
#include "daemon.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/auth.h"
#include "api/server.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/hook_emit.h"
#include "core/ledger.h"
#include "core/plans.h"
#include "daemon_files.h"
#include "link/dispatch.h"
#include "link/hooks.h"
#include "link/mailer.h"
#include "link/scheduler.h"
#include "plugin/sendsms.h"
#include "store/meta_rows.h"

enum {
	STOP_MS = 10 * 1000, /* for the gateway's answers */
	STOP_POLL_MS = 20,
	HOOKS_STOP_MS = 2000, /* for the answers of other systems */
	POOL_THREADS = 2,
	POOL_DEPTH = 64,
	HEAD_EVERY_S = 3600,
	SIGNALS = 4,
	LONG_TURN_MS = 10,
	LOOK_EVERY_S = 10, /* whether Kannel is there, while nothing is sent */
};

enum stopping { RUNNING, STOP_ASKED, DISPATCH_STOPPED, STOPPED };

struct daemon {
	struct daemon_config config;
	char *settings_path;
	struct settings *settings;
	/* settings that readers may still hold; freed at the end */
	struct settings **former;
	size_t former_count;
	struct event_base *base;
	struct mailbox *home;
	struct event *home_event, *wake_event, *stop_timer, *head_timer, *look_timer;
	struct event *signals[SIGNALS];
	struct store *store;
	struct core core;
	struct pool *pool;
	struct gateway *gateway;
	struct api api;
	char *kannel_secret;
	struct server *server;
	struct dispatch *dispatch;
	struct hooks *hooks;
	struct mailer *mailer;
	struct scheduler *scheduler;
	struct daemon_files files;
	bool mailer_has_stopped;
	enum stopping stopping;
	int64_t stop_asked_mono_ms;
};

char *daemon_socket_path(const char *database)
{
	struct buf path = BUF_EMPTY;
	buf_printf(&path, "%s.sock", database);
	return buf_take(&path);
}

/* --- what the store signals ------------------------------------------------------------------------------------------------ */

static void committed(void *arg, unsigned signals)
{
	struct daemon *daemon = arg;
	if ((signals & SIGNAL_AUTH) && daemon->api.auth)
		auth_forget(daemon->api.auth);
	if ((signals & SIGNAL_OUTBOX) && daemon->dispatch)
		dispatch_wake(daemon->dispatch);
	if ((signals & SIGNAL_HOOKS) && daemon->hooks)
		hooks_wake(daemon->hooks);
	if ((signals & SIGNAL_MAIL) && daemon->mailer)
		mailer_wake(daemon->mailer);
	if ((signals & SIGNAL_TIMER) && daemon->scheduler)
		scheduler_wake(daemon->scheduler);
	if (signals & SIGNAL_PEOPLE)
		daemon_files_people_changed(&daemon->files);
}

/* The loop never blocks: what kept it longer than LONG_TURN_MS is told. */
static void on_home(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct daemon *daemon = arg;
	int64_t began = clock_mono_ms();
	mailbox_run_all(daemon->home);
	int64_t took = clock_mono_ms() - began;
	if (took > LONG_TURN_MS)
		log_warn("daemon", "a turn of the loop was long ms=%lld",
			 (long long)took);
}

static void on_gateway_ready(void *arg)
{
	struct daemon *daemon = arg;
	if (daemon->dispatch)
		dispatch_wake(daemon->dispatch);
}

/* --- start ----------------------------------------------------------------------------------------------------------------- */

struct life {
	struct daemon *daemon;
	const char *wanted_secret;
	char secret[33];
	uint32_t epoch;
};

/* One more life of this node: texts that a former one had marked are told apart by it. The secret of the callbacks is
 * made once; one in the configuration wins. */
static enum err begin_life(struct txn *txn, void *arg)
{
	struct life *life = arg;
	struct db *db = txn_db(txn);
	char *text;
	unsigned char random[16];
	enum err err = meta_rows_get(db, txn_arena(txn), "epoch", &text);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	life->epoch = err == ERR_OK ? (uint32_t)strtoul(text, NULL, 10) + 1 : 1;
	err = meta_rows_set(db, "epoch",
			    arena_printf(txn_arena(txn), "%" PRIu32, life->epoch));
	if (err != ERR_OK)
		return err;
	err = meta_rows_get(db, txn_arena(txn), "kannel_secret", &text);
	if (err == ERR_OK)
		snprintf(life->secret, sizeof(life->secret), "%s", text);
	if (err != ERR_NOT_FOUND)
		return err;
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(life->secret, sizeof(life->secret), random, sizeof(random));
	return meta_rows_set(db, "kannel_secret", life->secret);
}

static enum err start_store(struct daemon *daemon, char **why_out)
{
	const struct settings *settings = daemon->settings;
	const struct store_config config = {
		.database = settings->database,
		.node = (unsigned)settings->node,
		.home = daemon->home,
		.context = &daemon->core,
		.committed = committed,
		.committed_arg = daemon,
	};
	struct life life = {.daemon = daemon};
	atomic_store(&daemon->core.policy, &settings->policy);
	daemon->core.plans = plans_new();
	daemon->core.node = (uint32_t)settings->node;
	enum err err =
		store_open(&config, daemon->config.mode, &daemon->store, why_out);
	if (err != ERR_OK)
		return err;
	err = store_write_now(daemon->store, begin_life, &life);
	if (err != ERR_OK) {
		struct buf why = BUF_EMPTY;
		buf_printf(&why,
			   "%s: cannot be written: %s. Is the disk full or read-only?",
			   settings->database, err_title(err));
		*why_out = buf_take(&why);
		return err;
	}
	daemon->core.epoch = life.epoch;
	daemon->kannel_secret = mem_strdup(
		settings->kannel_secret ? settings->kannel_secret : life.secret);
	return ERR_OK;
}

static enum err start_gateway(struct daemon *daemon, char **why_out)
{
	if (!daemon->config.has_doors || !daemon->settings->has_kannel)
		return ERR_OK;
	struct gateway_config config = daemon->settings->gateway;
	config.secret = daemon->kannel_secret;
	return sendsms_new(&config, daemon->base, on_gateway_ready, daemon,
			   &daemon->gateway, why_out);
}

static enum err start_server(struct daemon *daemon, char **why_out)
{
	const struct settings *settings = daemon->settings;
	struct buf why = BUF_EMPTY;
	char *socket = daemon->config.socket ? mem_strdup(daemon->config.socket)
					     : daemon_socket_path(settings->database);
	const bool doors = daemon->config.has_doors;
	const struct server_config config = {
		.listen = doors ? settings->listen : NULL,
		.tls_cert = settings->tls_cert,
		.tls_key = settings->tls_key,
		.kannel_listen = doors ? settings->kannel_listen : NULL,
		.socket = socket,
		.door = {settings->kannel_allow_ip, settings->trusted_proxy},
	};
	daemon->api = (struct api){
		.base = daemon->base,
		.store = daemon->store,
		.core = &daemon->core,
		.pool = daemon->pool,
		.gateway = daemon->gateway,
		.clock = &clock_real,
		.public_url = settings->public_url,
		.kannel_secret = daemon->kannel_secret,
		.started_at = clock_now_ms(&clock_real),
	};
	daemon->api.auth = auth_new(&daemon->api);
	enum err err = server_new(&daemon->api, &config, &daemon->server, &why);
	mem_free(socket);
	if (err != ERR_OK)
		*why_out = buf_take(&why);
	buf_fini(&why);
	return err;
}

/* --- signals --------------------------------------------------------------------------------------------------------------- */

static void reload(struct daemon *daemon);

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)what;
	struct daemon *daemon = arg;
	if (number == SIGHUP) {
		reload(daemon);
	} else if (number == SIGUSR1) {
		if (log_reopen() != ERR_OK)
			log_error("log", "the log file cannot be opened again; the old "
					 "one goes on");
	} else {
		log_info("daemon", "stopping signal=%d", (int)number);
		daemon_stop(daemon);
	}
}

static void start_signals(struct daemon *daemon)
{
	static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	for (unsigned i = 0; daemon->config.handles_signals && i < SIGNALS; i++) {
		daemon->signals[i] =
			evsignal_new(daemon->base, numbers[i], on_signal, daemon);
		event_add(daemon->signals[i], NULL);
	}
}

/* --- reload ---------------------------------------------------------------------------------------------------------------- */

static void keep_former(struct daemon *daemon)
{
	daemon->former = mem_realloc(daemon->former, (daemon->former_count + 1) *
							     sizeof(struct settings *));
	daemon->former[daemon->former_count++] = daemon->settings;
}

static bool reload_gateway(struct daemon *daemon, const struct settings *settings)
{
	struct gateway_config config = settings->gateway;
	char *why = NULL;
	config.secret = daemon->kannel_secret;
	if (!daemon->gateway || !settings->has_kannel)
		return true; /* a gateway comes or goes with a restart */
	if (gateway_reconfigure(daemon->gateway, &config, &why) == ERR_OK)
		return true;
	log_error("reload", "%s All old values stay.", why);
	mem_free(why);
	return false;
}

/* Other zones, other openings. */
static void zones_read(void *arg)
{
	struct daemon *daemon = arg;
	if (daemon->scheduler)
		scheduler_wake(daemon->scheduler);
}

/* All or nothing: a file with a fault changes no value. */
static void reload(struct daemon *daemon)
{
	struct settings *settings = NULL;
	char *why = NULL;
	struct buf report = BUF_EMPTY;
	if (settings_read(daemon->settings_path, &settings, &why) != ERR_OK) {
		log_error("reload", "%s All old values stay.", why);
		mem_free(why);
		return;
	}
	if (!reload_gateway(daemon, settings)) {
		settings_free(&settings);
		return;
	}
	daemon_files_reload_zones(&daemon->files, zones_read, daemon);
	settings_reload_report(daemon->settings, settings, &report);
	log_info("reload", "%s", report.len ? buf_str(&report) : "nothing changed");
	buf_fini(&report);
	keep_former(daemon);
	daemon->settings = settings;
	atomic_store(&daemon->core.policy, &settings->policy);
	if (daemon->scheduler)
		scheduler_wake(daemon->scheduler); /* other hours, other openings */
	log_set_level((enum log_level)settings->log_level);
	if (daemon->dispatch)
		dispatch_set_policy(daemon->dispatch, &settings->policy);
	if (daemon->mailer)
		mailer_configure(daemon->mailer, &settings->mail);
	server_set_door(daemon->server, &(struct kannel_door){settings->kannel_allow_ip,
							      settings->trusted_proxy});
	if (daemon->hooks)
		hooks_set_allow(daemon->hooks, settings->hook_allow);
	daemon->files.folder = daemon->settings->workflows;
	daemon_files_reload(&daemon->files);
}

/* --- the ledger's head, hourly: what a later look at the ledger is compared with ---------------------------------------------- */

static enum err read_head(struct snapshot *snap, void *arg)
{
	return ledger_head(snapshot_db(snap), snapshot_arena(snap), 0, arg);
}

static void head_read(void *arg, enum err err)
{
	char text[LEDGER_HEAD_TEXT_LEN];
	struct ledger_head *head = arg;
	if (err == ERR_OK)
		log_info("ledger", "head=%s", ledger_head_format(head, text));
	mem_free(head);
}

static void head_told(void *arg, enum err err)
{
	(void)arg;
	if (err != ERR_OK)
		log_warn("ledger", "the head cannot be told to hooks error=%s",
			 err_code(err));
}

static void on_head_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct daemon *daemon = arg;
	if (store_write_patient(daemon->store, hook_emit_head, head_told, NULL) !=
	    ERR_OK)
		head_told(NULL, ERR_BUSY);
	struct ledger_head *head = MEM_NEW(struct ledger_head);
	if (store_read(daemon->store, read_head, head_read, head) != ERR_OK)
		mem_free(head); /* busy: the next hour will do */
}

static void on_look_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct daemon *daemon = arg;
	gateway_look(daemon->gateway);
}

/* --- stop ------------------------------------------------------------------------------------------------------------------ */

static void dispatch_has_stopped(void *arg)
{
	struct daemon *daemon = arg;
	daemon->stopping = DISPATCH_STOPPED;
}

static void mailer_has_stopped(void *arg)
{
	struct daemon *daemon = arg;
	daemon->mailer_has_stopped = true;
}

static void begin_stop(struct daemon *daemon)
{
	daemon->stop_asked_mono_ms = clock_mono_ms();
	server_stop(daemon->server);
	scheduler_stop(daemon->scheduler);
	if (daemon->hooks)
		hooks_stop(daemon->hooks);
	if (daemon->dispatch)
		dispatch_stop(daemon->dispatch, STOP_MS, dispatch_has_stopped, daemon);
	else
		daemon->stopping = DISPATCH_STOPPED;
	if (daemon->mailer)
		mailer_stop(daemon->mailer, STOP_MS, mailer_has_stopped, daemon);
	else
		daemon->mailer_has_stopped = true;
	const struct timeval every = {0, STOP_POLL_MS * 1000};
	event_add(daemon->stop_timer, &every);
}

/* Their answers are waited for a little: without one, the same is told again at the next start. */
static bool hooks_are_done(const struct daemon *daemon)
{
	return !daemon->hooks || hooks_is_idle(daemon->hooks) ||
	       clock_mono_ms() - daemon->stop_asked_mono_ms > HOOKS_STOP_MS;
}

/* Waits for the last answers; past twice the deadline what is left is abandoned: a start finds it. */
static void on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct daemon *daemon = arg;
	bool late = clock_mono_ms() - daemon->stop_asked_mono_ms > 2 * STOP_MS;
	bool is_done = daemon->stopping == DISPATCH_STOPPED &&
		       daemon->mailer_has_stopped && server_is_idle(daemon->server) &&
		       hooks_are_done(daemon);
	if (is_done || late) {
		event_base_loopbreak(daemon->base);
		return;
	}
	const struct timeval every = {0, STOP_POLL_MS * 1000};
	event_add(daemon->stop_timer, &every);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct daemon *daemon = arg;
	if (daemon->stopping != RUNNING)
		return;
	daemon->stopping = STOP_ASKED;
	begin_stop(daemon);
}

void daemon_stop(struct daemon *daemon)
{
	event_active(daemon->wake_event, EV_TIMEOUT, 0);
}

/* --- the whole -------------------------------------------------------------------------------------------------------------- */

static void start_mailer(struct daemon *daemon)
{
	const struct mailer_config config = {.base = daemon->base,
					     .store = daemon->store,
					     .home = daemon->home,
					     .mail = &daemon->settings->mail};
	if (!daemon->config.has_doors)
		return;
	daemon->mailer = mailer_new(&config);
	daemon->api.mail = mailer_counts(daemon->mailer);
}

static enum err start(struct daemon *daemon, char **why_out)
{
	enum err err = start_store(daemon, why_out);
	if (err != ERR_OK)
		return err;
	daemon->pool = pool_new(POOL_THREADS, POOL_DEPTH, daemon->home);
	err = start_gateway(daemon, why_out);
	if (err != ERR_OK)
		return err;
	daemon->files.core = &daemon->core;
	daemon->files.store = daemon->store;
	daemon->files.pool = daemon->pool;
	daemon->files.folder =
		daemon->config.has_doors ? daemon->settings->workflows : NULL;
	daemon_files_start(&daemon->files);
	err = start_server(daemon, why_out);
	if (err != ERR_OK)
		return err;
	if (daemon->gateway) {
		const struct dispatch_config dispatch = {daemon->base, daemon->store,
							 daemon->gateway,
							 &daemon->settings->policy};
		const struct timeval every = {LOOK_EVERY_S, 0};
		daemon->dispatch = dispatch_new(&dispatch);
		gateway_look(daemon->gateway);
		event_add(daemon->look_timer, &every);
	}
	if (daemon->config.has_doors)
		daemon->hooks = hooks_new(&(struct hooks_config){
			daemon->base, daemon->store, daemon->settings->hook_allow});
	start_mailer(daemon);
	daemon->scheduler = scheduler_new(daemon->base, daemon->store, &clock_real);
	return ERR_OK;
}

static void make_loop(struct daemon *daemon)
{
	evthread_use_pthreads();
	daemon->base = event_base_new();
	daemon->home = mailbox_new();
	daemon->home_event = event_new(daemon->base, mailbox_fd(daemon->home),
				       EV_READ | EV_PERSIST, on_home, daemon);
	daemon->wake_event = event_new(daemon->base, -1, 0, on_wake, daemon);
	daemon->stop_timer = event_new(daemon->base, -1, 0, on_stop_timer, daemon);
	daemon->head_timer =
		event_new(daemon->base, -1, EV_PERSIST, on_head_timer, daemon);
	daemon->look_timer =
		event_new(daemon->base, -1, EV_PERSIST, on_look_timer, daemon);
	daemon->files.timer =
		event_new(daemon->base, -1, 0, daemon_files_on_timer, &daemon->files);
	const struct timeval hourly = {HEAD_EVERY_S, 0};
	event_add(daemon->home_event, NULL);
	event_add(daemon->head_timer, &hourly);
}

enum err daemon_new(const struct daemon_config *config, struct daemon **daemon_out,
		    char **why_out)
{
	struct daemon *daemon = MEM_NEW(struct daemon);
	if (sodium_init() < 0)
		abort(); /* no source of randomness: nothing here would be safe */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ,
	       SIG_IGN); /* a file too large is an error of its write, not our end */
	daemon->config = *config;
	daemon->settings_path = mem_strdup(config->settings_path);
	daemon->settings = *config->settings;
	make_loop(daemon);
	enum err err = start(daemon, why_out);
	if (err != ERR_OK) {
		daemon->settings = NULL; /* stays with the caller */
		daemon_free(&daemon);
		return err;
	}
	*config->settings = NULL;
	start_signals(daemon);
	*daemon_out = daemon;
	return ERR_OK;
}

void daemon_run(struct daemon *daemon)
{
	mem_trim();
	mem_keep();
	event_base_dispatch(daemon->base);
}

unsigned daemon_port(const struct daemon *daemon)
{
	return server_port(daemon->server);
}

static void free_loop(struct daemon *daemon)
{
	for (unsigned i = 0; i < SIGNALS; i++)
		if (daemon->signals[i])
			event_free(daemon->signals[i]);
	event_free(daemon->home_event);
	event_free(daemon->wake_event);
	event_free(daemon->stop_timer);
	event_free(daemon->head_timer);
	event_free(daemon->files.timer);
	event_free(daemon->look_timer);
	event_base_free(daemon->base);
	mailbox_free(&daemon->home);
}

void daemon_free(struct daemon **daemon_ptr)
{
	struct daemon *daemon = *daemon_ptr;
	if (!daemon)
		return;
	if (daemon->scheduler)
		scheduler_stop(daemon->scheduler);
	pool_free(&daemon->pool);
	mailbox_run_all(daemon->home);
	store_close(&daemon->store);
	mailbox_run_all(daemon->home);
	server_free(&daemon->server);
	auth_free(&daemon->api.auth);
	dispatch_free(&daemon->dispatch);
	hooks_free(&daemon->hooks);
	mailer_free(&daemon->mailer);
	scheduler_free(&daemon->scheduler);
	gateway_free(&daemon->gateway);
	plans_free(&daemon->core.plans);
	free_loop(daemon);
	settings_free(&daemon->settings);
	for (size_t i = 0; i < daemon->former_count; i++)
		settings_free(&daemon->former[i]);
	mem_free(daemon->former);
	mem_free(daemon->kannel_secret);
	mem_free(daemon->settings_path);
	mem_free(daemon);
	*daemon_ptr = NULL;
}
