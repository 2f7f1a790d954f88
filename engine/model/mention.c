/* mention.c - see mention.h */
#include "model/mention.h"

#include <string.h>

static const char small[] = "abcdefghijklmnopqrstuvwxyz";
static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
static const char ends[] = "._-";

/* Bytes of other scripts are letters, too. */
static bool is_of_word(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'A' && c <= 'Z') ||
	       (c && strchr(others, c) && !strchr(ends, c));
}

bool mention_next(struct mention *mention)
{
	for (const char *at = mention->rest; *at; at++) {
		bool begins = *at == '@' && !mention->is_in_word && at[1] &&
			      strchr(small, at[1]);
		mention->is_in_word = is_of_word(*at);
		if (!begins)
			continue;
		mention->login = at + 1;
		mention->len = strspn(at + 1, others);
		mention->rest = at + 1 + mention->len;
		mention->is_in_word = true;
		while (strchr(ends, mention->login[mention->len - 1]))
			mention->len--;
		return true;
	}
	mention->rest = "";
	return false;
}
