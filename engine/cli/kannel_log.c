/* kannel_log.c - see kannel_log.h */
#include "cli/kannel_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIME_LEN = 19 }; /* "2026-11-23 10:54:32" */

/* Cuts the value of [NAME:value] out of the line. */
static const char *take_field(char *text, const char *name)
{
	char *at = strstr(text, name);
	if (!at)
		return "";
	at += strlen(name);
	char *end = strchr(at, ']');
	if (!end)
		return "";
	*end = '\0';
	return at;
}

static bool has_time(const char *line)
{
	static const char shape[] = "dddd-dd-dd dd:dd:dd ";
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? line[i] < '0' || line[i] > '9'
				    : line[i] != shape[i])
			return false;
	return true;
}

/* false: no line of a text. */
static bool take_apart(char *text, struct kannel_log_line *line)
{
	if (!has_time(text))
		return false;
	char *fields = strstr(text, " [SMSC:");
	char *stranger = strstr(text, " [msg:");
	if (!fields || fields < text + TIME_LEN)
		return false;
	if (stranger && stranger < fields)
		return false;
	if (stranger)
		*stranger = '\0';
	text[TIME_LEN] = '\0';
	*fields++ = '\0';
	line->at = text;
	line->event = text + TIME_LEN + 1;
	/* from the last to the first: each ends the string it stands in */
	line->account = take_field(fields, "[ACT:");
	line->service = take_field(fields, "[SVC:");
	line->smsc = take_field(fields, "[SMSC:");
	return true;
}

int kannel_log_read(struct cli *cli, const char *path, kannel_log_fn *each, void *arg)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	bool fine = true;
	if (!file)
		return cli_fail(cli, "%s: it cannot be read: %s.", path,
				strerror(errno));
	while (fine && getline(&text, &room, file) >= 0) {
		struct kannel_log_line line;
		if (take_apart(text, &line))
			fine = each(arg, &line);
	}
	if (fine && ferror(file)) {
		(void)cli_fail(cli, "%s: it cannot be read to its end: %s.", path,
			       strerror(errno));
		fine = false;
	}
	free(text);
	fclose(file);
	return fine ? CLI_OK : CLI_FAILED;
}
