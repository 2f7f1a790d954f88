/* task_api.h - the routes of /tasks. */
#ifndef HB_API_TASK_API_H
#define HB_API_TASK_API_H

#include "api/route.h"

extern const struct route_table task_routes;

#endif
