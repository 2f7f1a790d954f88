/* gateway.c - see gateway.h */
#include "plugin/gateway.h"

const char *gateway_outcome_name(enum gateway_outcome outcome)
{
	static const char *const names[GATEWAY_OUTCOMES] = {
		[GATEWAY_ACCEPTED] = "accepted",   [GATEWAY_QUEUED] = "queued",
		[GATEWAY_REFUSED] = "refused",     [GATEWAY_NOT_TAKEN] = "not_taken",
		[GATEWAY_UNCERTAIN] = "uncertain",
	};
	return names[outcome];
}
