/* settings_sender.c - see settings_sender.h */
#include "settings_sender.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { NUMBER_MOST = 20, RATE_MOST = 100000 };

static char *sentence(const char *fmt, ...) PRINTF_LIKE(1, 2);

static char *sentence(const char *fmt, ...)
{
	va_list args;
	struct buf buf = BUF_EMPTY;
	va_start(args, fmt);
	buf_vprintf(&buf, fmt, args);
	va_end(args);
	return buf_take(&buf);
}

/* What is wrong with one line of the group; NULL: it was taken. */
static char *read_key(const struct conf_key *key, struct sender *sender)
{
	char *end;
	if (strcmp(key->name, "smsc") == 0) {
		sender->smsc = key->value;
		return *key->value ? NULL
				   : sentence("smsc is empty; leave the line out, "
					      "or give it a value.");
	}
	if (strcmp(key->name, "number") == 0) {
		sender->number = key->value;
		return *key->value && strlen(key->value) <= NUMBER_MOST
			       ? NULL
			       : sentence("number = %s: 1 to %d characters are wanted.",
					  key->value, NUMBER_MOST);
	}
	if (strcmp(key->name, "rate") != 0)
		return sentence("there is no key %s in group = sender; number, smsc, "
				"rate are known.",
				key->name);
	if (strcmp(key->value, "none") == 0)
		return NULL;
	unsigned long rate = strtoul(key->value, &end, 10);
	sender->rate_per_s = (unsigned)rate;
	return *key->value >= '0' && *key->value <= '9' && !*end && rate &&
			       rate <= RATE_MOST
		       ? NULL
		       : sentence("rate = %s: a whole number from 1 to %d a second, or "
				  "none, is wanted.",
				  key->value, RATE_MOST);
}

static const struct conf_place *read_group(const struct conf_group *group,
					   const struct policy *before,
					   struct sender *sender, char **why_out)
{
	for (const struct conf_key *key = group->keys; key; key = key->next)
		if ((*why_out = read_key(key, sender)))
			return &key->place;
	if (!sender->number)
		*why_out = sentence("group = sender has no number.");
	else if (sender_find(before, sender->number))
		*why_out = sentence("a second group = sender for the number %s.",
				    sender->number);
	else if (before->sender_count == SENDERS_MOST)
		*why_out = sentence("more than %d groups = sender.", SENDERS_MOST);
	return *why_out ? &group->place : NULL;
}

const struct conf_place *senders_of_conf(const struct kannel_conf *conf,
					 struct arena *arena, struct policy *policy,
					 char **why_out)
{
	struct sender *senders = ARENA_ARRAY(arena, struct sender, SENDERS_MOST);
	const char **numbers = ARENA_ARRAY(arena, const char *, SENDERS_MOST + 1);
	const struct conf_group *group = NULL;
	const struct conf_place *place = NULL;
	policy->senders = senders;
	policy->sender_numbers = numbers;
	while ((group = kannel_conf_next(conf, "sender", group))) {
		struct sender sender = {.number = NULL};
		place = read_group(group, policy, &sender, why_out);
		if (place)
			break;
		numbers[policy->sender_count] = sender.number;
		senders[policy->sender_count++] = sender;
	}
	return place;
}
