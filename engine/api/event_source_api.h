/* event_source_api.h - /event-sources. Rights: admins, and service tokens with `admin`; auditors read. */
#ifndef HB_API_EVENT_SOURCE_API_H
#define HB_API_EVENT_SOURCE_API_H

#include "api/route.h"

extern const struct route_table event_source_routes;

#endif
