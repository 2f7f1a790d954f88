/* metrics.c - see metrics.h */
#include "api/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/mail.h"
#include "plugin/gateway.h"

static void head(struct buf *buf, const char *name, const char *type, const char *help)
{
	buf_printf(buf, "# HELP handbox_%s %s\n# TYPE handbox_%s %s\n", name, help,
		   name, type);
}

static void gauge(struct buf *buf, const char *name, const char *help, int64_t value)
{
	head(buf, name, "gauge", help);
	buf_printf(buf, "handbox_%s %" PRId64 "\n", name, value);
}

static void counter(struct buf *buf, const char *name, const char *help, uint64_t value)
{
	head(buf, name, "counter", help);
	buf_printf(buf, "handbox_%s %" PRIu64 "\n", name, value);
}

static void write_gateway(struct buf *buf, struct gateway *gateway)
{
	struct gateway_status status;
	if (!gateway)
		return;
	gateway_status(gateway, &status);
	gauge(buf, "gateway_reachable", "1 when the last hand-over got a whole answer.",
	      status.reachable);
	gauge(buf, "gateway_circuit_open",
	      "1 while one text at a time is tried, after a fault.",
	      status.circuit != GATEWAY_CLOSED);
	gauge(buf, "gateway_in_flight", "Texts handed over whose answer has not come.",
	      status.in_flight);
	counter(buf, "gateway_started_total", "Texts whose transfer was begun.",
		status.started);
	head(buf, "gateway_outcomes_total", "counter", "Outcomes of hand-overs.");
	for (unsigned i = 0; i < GATEWAY_OUTCOMES; i++)
		buf_printf(buf,
			   "handbox_gateway_outcomes_total{outcome=\"%s\"} %" PRIu64
			   "\n",
			   gateway_outcome_name((enum gateway_outcome)i),
			   status.outcomes[i]);
}

static void write_mail(struct buf *buf, const struct mail_counts *mail, int64_t waiting)
{
	gauge(buf, "emails_waiting", "E-mails that wait for the mail server.", waiting);
	if (!mail)
		return;
	gauge(buf, "mail_server_reachable",
	      "0 while the mail server cannot be used: no connection, TLS or login.",
	      mail->is_reachable);
	head(buf, "email_outcomes_total", "counter", "Outcomes of attempts.");
	for (unsigned i = 0; i < MAIL_OUTCOMES; i++)
		buf_printf(buf,
			   "handbox_email_outcomes_total{outcome=\"%s\"} %" PRIu64 "\n",
			   mail_outcome_name((enum mail_outcome)i), mail->outcomes[i]);
}

static void write_store(struct buf *buf, struct store *store)
{
	struct store_stats stats;
	store_get_stats(store, &stats);
	counter(buf, "store_groups_total", "Commits.", stats.groups);
	counter(buf, "store_writes_total", "Writes, several in one commit.",
		stats.writes);
	counter(buf, "store_reads_total", "Reads.", stats.reads);
	counter(buf, "store_refusals_total",
		"Writes that were refused and left nothing.", stats.refusals);
	counter(buf, "store_commit_errors_total", "Commits that failed.",
		stats.commit_errors);
	gauge(buf, "store_writes_waiting", "Writes in the queue.",
	      stats.writes_waiting);
	gauge(buf, "store_reads_waiting", "Reads in the queue.", stats.reads_waiting);
	gauge(buf, "store_wal_bytes", "Size of the write-ahead log.",
	      (int64_t)stats.wal_bytes);
	head(buf, "store_commit_seconds_total", "counter", "Time spent in commits.");
	buf_printf(buf, "handbox_store_commit_seconds_total %.6f\n",
		   (double)stats.commit_us_total / 1e6);
}

static int64_t resident_bytes(void)
{
	long pages = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return 0;
	int read = fscanf(file, "%ld %ld", &pages, &resident);
	fclose(file);
	return read == 2 ? (int64_t)resident * sysconf(_SC_PAGESIZE) : 0;
}

void metrics_write(struct buf *buf, const struct metrics_input *input)
{
	const struct kannel_port *port = input->port;
	struct http_counts http = http_server_counts(input->http);
	gauge(buf, "outbox_waiting", "Approved texts that wait to leave.",
	      input->waiting);
	gauge(buf, "outbox_handing_over", "Texts that may leave at any moment.",
	      input->handing_over);
	gauge(buf, "messages_uncertain",
	      "Texts of which nobody knows whether they left (counted to 10000).",
	      input->uncertain);
	gauge(buf, "channel_enabled", "0 while the stop switch is set.",
	      input->channel_enabled);
	counter(buf, "reports_total", "Delivery reports received.", port->reports);
	counter(buf, "reports_unknown_total", "Delivery reports for no text of ours.",
		port->reports_unknown);
	counter(buf, "reports_repeated_total", "Delivery reports heard before.",
		port->reports_repeated);
	counter(buf, "inbound_total", "Inbound texts received.", port->inbound);
	counter(buf, "inbound_repeated_total", "Inbound texts heard before.",
		port->inbound_repeated);
	counter(buf, "callbacks_refused_total", "Callbacks turned away at the door.",
		port->refused);
	write_gateway(buf, port->api->gateway);
	write_mail(buf, port->api->mail, input->emails_waiting);
	write_store(buf, port->api->store);
	counter(buf, "http_requests_total", "Requests that reached a handler.",
		http.requests);
	counter(buf, "http_refused_total", "Requests that were not well formed.",
		http.refused);
	counter(buf, "http_timed_out_total", "Requests that were too slow.",
		http.timed_out);
	gauge(buf, "http_connections", "Connections open now.", http.connections);
	gauge(buf, "resident_bytes", "Resident memory.", resident_bytes());
}
