/* evidence_api.h - /ledger, /audit and /evidence. */
#ifndef HB_API_EVIDENCE_API_H
#define HB_API_EVIDENCE_API_H

#include "api/route.h"

extern const struct route_table evidence_routes;

#endif
