/* message_api.h - the routes of /messages, a contact's thread, and /channel. */
#ifndef HB_API_MESSAGE_API_H
#define HB_API_MESSAGE_API_H

#include "api/route.h"

extern const struct route_table message_routes;

#endif
