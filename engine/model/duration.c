/* duration.c - see duration.h */
#include "model/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* longest first: the order in which duration_format tries them */
static const struct unit {
	char letter;
	int64_t ms;
} units[] = {
	{'w', 7 * DAY_MS}, {'d', DAY_MS},    {'h', HOUR_MS},
	{'m', MINUTE_MS},  {'s', SECOND_MS},
};

enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

static const struct unit *unit_find(char letter)
{
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (units[i].letter == letter)
			return &units[i];
	return NULL;
}

enum err duration_parse(const char *text, int64_t *ms_out, bool *is_working_out)
{
	const char *at = text;
	int64_t count = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		if (count <= DURATION_MAX_MS)
			count = count * 10 + (*at - '0');
	const struct unit *unit = unit_find(*at);
	if (at == text || !unit)
		return ERR_SYNTAX;
	bool is_working = strcmp(at + 1, " working") == 0;
	if (at[1] && !is_working)
		return ERR_SYNTAX;
	if (count < 1 || count > DURATION_MAX_MS / unit->ms)
		return ERR_INVALID;
	*ms_out = count * unit->ms;
	*is_working_out = is_working;
	return ERR_OK;
}

const char *duration_format(int64_t ms, char text[DURATION_TEXT_LEN])
{
	const struct unit *unit = &units[0];
	while (unit < &units[UNIT_COUNT - 1] && (ms < unit->ms || ms % unit->ms))
		unit++;
	snprintf(text, DURATION_TEXT_LEN, "%" PRId64 "%c", ms / unit->ms, unit->letter);
	return text;
}
