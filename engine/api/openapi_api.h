/* openapi_api.h - GET /api/v1/openapi.json: the description of this contract, conf/openapi.json as the program carries it. */
#ifndef HB_API_OPENAPI_API_H
#define HB_API_OPENAPI_API_H

#include "api/route.h"

extern const struct route_table openapi_routes;

#endif
