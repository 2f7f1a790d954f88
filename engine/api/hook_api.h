/* hook_api.h - /hooks and /hooks/key. Rights: admins, and service tokens with `admin`; auditors read. */
#ifndef HB_API_HOOK_API_H
#define HB_API_HOOK_API_H

#include "api/route.h"

extern const struct route_table hook_routes;

#endif
