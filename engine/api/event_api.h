/* event_api.h - POST /events/{name}. Rights: whoever may enroll, and event sources by their signature. */
#ifndef HB_API_EVENT_API_H
#define HB_API_EVENT_API_H

#include "api/route.h"

extern const struct route_table event_routes;

#endif
