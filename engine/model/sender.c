/* sender.c - see sender.h */
#include "model/sender.h"

#include <string.h>

static const char *digits_of(const char *number)
{
	if (*number == '+')
		return number + 1;
	return strncmp(number, "00", 2) == 0 ? number + 2 : number;
}

static bool is_same(const char *a, const char *b)
{
	return strcmp(digits_of(a), digits_of(b)) == 0;
}

const struct sender *sender_find(const struct policy *policy, const char *number)
{
	for (size_t i = 0; number && i < policy->sender_count; i++)
		if (is_same(policy->senders[i].number, number))
			return &policy->senders[i];
	return NULL;
}

const char *sender_paced(const struct policy *policy, const char *number)
{
	const struct sender *sender = sender_find(policy, number);
	return sender && sender->rate_per_s ? sender->number : NULL;
}

bool sender_is_sticky(const struct policy *policy)
{
	return policy->is_sender_sticky && policy->sender_count;
}

/* The thread's number as it is written in the configuration; NULL: none of ours. */
static const char *of_thread(const struct policy *policy, const char *thread)
{
	if (!thread || !sender_is_sticky(policy))
		return NULL;
	if (policy->sender && is_same(policy->sender, thread))
		return policy->sender;
	const struct sender *sender = sender_find(policy, thread);
	return sender ? sender->number : NULL;
}

struct sender_choice sender_choose(const struct policy *policy,
				   const struct sender_choice *wanted,
				   const char *thread)
{
	struct sender_choice choice = *wanted;
	if (!choice.number)
		choice.number = of_thread(policy, thread);
	if (!choice.number)
		choice.number = policy->sender;
	const struct sender *group = sender_find(policy, choice.number);
	if (!choice.smsc && group)
		choice.smsc = group->smsc;
	if (!choice.smsc)
		choice.smsc = policy->smsc;
	return choice;
}

/* --- the pace ------------------------------------------------------------------------------------------------------------ */

static int64_t most_at_once(const struct sender *sender)
{
	return 1 + sender->rate_per_s / 20;
}

/* What goes at once is part of the second's texts. */
static int64_t interval_us(const struct sender *sender)
{
	int64_t refill = sender->rate_per_s - most_at_once(sender) + 1;
	return (1000000 + refill - 1) / refill;
}

unsigned sender_room(const struct sender *sender, const struct sender_pace *pace,
		     int64_t now_us)
{
	int64_t interval = interval_us(sender), most = most_at_once(sender);
	int64_t ahead_us = pace->next_us > now_us ? pace->next_us - now_us : 0;
	int64_t room = most - (ahead_us + interval - 1) / interval;
	return room > 0 ? (unsigned)room : 0;
}

void sender_take(const struct sender *sender, struct sender_pace *pace, int64_t now_us)
{
	int64_t from = pace->next_us > now_us ? pace->next_us : now_us;
	pace->next_us = from + interval_us(sender);
}

int64_t sender_next_us(const struct sender *sender, const struct sender_pace *pace)
{
	return pace->next_us - (most_at_once(sender) - 1) * interval_us(sender);
}
