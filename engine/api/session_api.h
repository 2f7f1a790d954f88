/* session_api.h - the handlers of signing in, which auth_api.c puts into the table of routes. */
#ifndef HB_API_SESSION_API_H
#define HB_API_SESSION_API_H

#include "api/route.h"

route_handler session_post, session_get, session_delete, me_password_put;

#endif
