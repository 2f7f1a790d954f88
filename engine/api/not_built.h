/* not_built.h - routes of the contract that answer 501 not_built. */
#ifndef HB_API_NOT_BUILT_H
#define HB_API_NOT_BUILT_H

#include "api/route.h"

extern const struct route_table not_built_routes;

#endif
