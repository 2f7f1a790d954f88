/* shell_api.h - what only the program's own calls may ask, and only over the unix socket: see cli/.
 *
 *	POST /api/v1/shell/backup {path}	a checked copy at an absolute path → {path}
 *	POST /api/v1/shell/verify {head?}	the ledger against the messages → {ok, entries, sends, messages, erased,
 *						head, broken: null or {what, chain, seq, message}}
 *	POST /api/v1/shell/settle-restored	restored.h → {restored, messages, receipts, leases, sessions}
 *	POST /api/v1/shell/resume-restored	the same, then it hands over again → {copy_made_at}
 *	GET /api/v1/shell/secret		of the callbacks → {secret}
 *	GET /api/v1/shell/state			→ {restored_copy: time or null}
 *
 * Anybody but the peer of the socket without a token answers 403. Not part of the public contract.
 */
#ifndef HB_API_SHELL_API_H
#define HB_API_SHELL_API_H

#include "api/route.h"

extern const struct route_table shell_routes;

#endif
