/* thread_api.h - the rows of /conversations, and of what belongs to the thread of a contact. */
#ifndef HB_API_THREAD_API_H
#define HB_API_THREAD_API_H

#include "api/route.h"

extern const struct route_table thread_routes;

#endif
