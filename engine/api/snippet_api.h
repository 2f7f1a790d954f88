/* snippet_api.h - the rows of /snippets. */
#ifndef HB_API_SNIPPET_API_H
#define HB_API_SNIPPET_API_H

#include "api/route.h"

extern const struct route_table snippet_routes;

#endif
