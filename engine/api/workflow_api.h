/* workflow_api.h - the routes of /workflows and /why (workflow_api.c), and of enrollments (enrollment_api.c). */
#ifndef HB_API_WORKFLOW_API_H
#define HB_API_WORKFLOW_API_H

#include "api/route.h"

extern const struct route_table workflow_routes;
extern const struct route_table enrollment_routes;

#endif
