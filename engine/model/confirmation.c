/* confirmation.c - see confirmation.h */
#include "model/confirmation.h"

bool confirmation_may_go(const struct confirmation *c)
{
	/* a clock that was put back proves nothing */
	return c->task_consent_id && c->task_consent_id == c->consent_id &&
	       c->is_opted_out && c->is_own && c->text_is_untouched &&
	       !c->was_handed_over && c->now >= c->opted_out_at &&
	       c->now < c->opted_out_at + CONFIRMATION_GO_MS;
}
