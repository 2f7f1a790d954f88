/* contact_api.h - the routes of /contacts. */
#ifndef HB_API_CONTACT_API_H
#define HB_API_CONTACT_API_H

#include "api/route.h"

extern const struct route_table contact_routes;

#endif
