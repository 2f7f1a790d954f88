/* metrics.h - /metrics in the text format of Prometheus (exposition format 0.0.4); held against `promtool check metrics`. */
#ifndef HB_API_METRICS_H
#define HB_API_METRICS_H

#include "api/kannel_api.h"

struct http_server;

/* metrics_write - everything that is counted; counts were read from the database just now. */
struct metrics_input {
	struct kannel_port *port;
	struct http_server *http;
	int64_t waiting, handing_over, uncertain, emails_waiting;
	bool channel_enabled;
};
void metrics_write(struct buf *buf, const struct metrics_input *input);

#endif
