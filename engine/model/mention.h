/* mention.h - the users that a note names: "Ask @ana, please." A login behind an @ that does not stand in a word, so that
 * addresses of e-mails name nobody. Pure.
 *
 *	struct mention mention = {.rest = text};
 *	while (mention_next(&mention))
 *		…look for the login of mention.len bytes at mention.login…
 */
#ifndef HB_MODEL_MENTION_H
#define HB_MODEL_MENTION_H

#include <stdbool.h>
#include <stddef.h>

struct mention {
	const char *rest; /* what has not been looked at */
	/* not terminated; without the dots and dashes that end a sentence */
	const char *login;
	size_t len;
	bool is_in_word; /* rest stands behind a letter or digit */
};

bool mention_next(struct mention *mention);

#endif
