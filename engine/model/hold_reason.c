/* hold_reason.c - see hold_reason.h */
#include "model/hold_reason.h"

#include <stddef.h>
#include <string.h>

static const struct hold_reason {
	const char *name, *means, *fix;
} reasons[] = {
	{HOLD_UNPUBLISHED, "its workflow is not published any more",
	 "Publish the workflow again: its tasks go on then. Or cancel the task."},
	{HOLD_UNCLEAR, "a text of theirs may ask to stop",
	 "Say whether it does (POST /contacts/{id}/consent, `handbox classify`)."},
	{HOLD_REPLIED, "they wrote while somebody worked on it, and its workflow ended",
	 "Resume the task to send it all the same, or skip it."},
	{HOLD_FIRST_ARRIVED, "the text that was thought not sent has arrived",
	 "Resume the task to send another, or cancel it."},
};

static const struct hold_reason *find(const char *name)
{
	static const struct hold_reason other = {
		"", "", "Resume the task once the reason is gone."};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].name, name) == 0)
			return &reasons[i];
	return &other;
}

const char *hold_reason_means(const char *reason)
{
	return find(reason)->means;
}

const char *hold_reason_fix(const char *reason)
{
	return find(reason)->fix;
}
