/* probe.h - does something listen behind a URL? Connects, says nothing, and leaves. */
#ifndef HB_CLI_PROBE_H
#define HB_CLI_PROBE_H

#include <stdbool.h>

#include "base/mem.h"

/* probe_split - host and port of "http[s]://host[:port]/…". false: it is no such URL. */
bool probe_split(struct arena *arena, const char *url, const char **host_out,
		 const char **port_out);

/* probe_url - within 3 s. false: *why_out says why not. */
bool probe_url(struct arena *arena, const char *url, const char **why_out);

#endif
