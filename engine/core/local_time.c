/* local_time.c - see local_time.h */
#include "core/local_time.h"

#include "model/duration.h"

int64_t local_after(const struct walk *walk, const struct plan_span *span)
{
	return span->ms ? txn_now(walk->txn) + span->ms : 0;
}

static const char *span_text(struct arena *arena, const struct plan_span *span)
{
	char text[DURATION_TEXT_LEN];
	return arena_printf(arena, "%s%s", duration_format(span->ms, text),
			    span->is_working ? " working" : "");
}

enum err local_wait_end(const struct walk *walk, const struct step_wait *wait,
			struct local_wait *out)
{
	*out = (struct local_wait){
		.until = local_after(walk, &wait->span),
		.rule = arena_printf(walk->arena, "for %s",
				     span_text(walk->arena, &wait->span))};
	return ERR_OK;
}
