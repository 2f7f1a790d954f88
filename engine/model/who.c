/* who.c - see who.h */
#include "model/who.h"

#include <string.h>

#include "base/ident.h"

enum { LOGIN_MOST = 64 };

bool who_is_login(const char *text)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz";
	static const char more[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(text);
	if (len == 0 || len > LOGIN_MOST || !strchr(first, text[0]) ||
	    strspn(text, more) != len)
		return false;
	return strcmp(text, "me") != 0 && strcmp(text, "none") != 0;
}

enum err who_parse(const char *text, struct who *who_out)
{
	struct who who = {WHO_ABSENT, 0, NULL};
	if (strcmp(text, "me") == 0) {
		who.kind = WHO_ME;
	} else if (strcmp(text, "none") == 0) {
		who.kind = WHO_NOBODY;
	} else if (who_is_login(text)) {
		who.kind = WHO_LOGIN;
		who.login = text;
	} else {
		if (ident_parse(text, &who.id) != ERR_OK)
			return ERR_SYNTAX;
		who.kind = WHO_ID;
	}
	*who_out = who;
	return ERR_OK;
}
