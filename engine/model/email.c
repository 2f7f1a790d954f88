/* email.c - see email.h; email_write.c puts them on the wire */
#include "model/email.h"

#include <inttypes.h>
#include <string.h>

static const char *const state_names[] = {
#define S(state, name) [state] = name,
#include "model/email_states.def"
#undef S
};

static const struct move {
	bool is_listed;
	unsigned char next;
} moves[EMAIL_STATE_COUNT][EMAIL_EVENT_COUNT] = {
#define T(state, event, becomes) [state][event] = {true, becomes},
#include "model/email_states.def"
#undef T
};

bool email_next(enum email_state state, enum email_event event,
		enum email_state *next_out)
{
	const struct move *move = &moves[state][event];
	if (move->is_listed)
		*next_out = (enum email_state)move->next;
	return move->is_listed;
}

const char *email_state_name(enum email_state state)
{
	return state_names[state];
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"
#define ATEXT   LETTERS DIGITS "!#$%&'*+-/=?^_`{|}~"

enum { LOCAL_MAX = 64, LABEL_MAX = 63 };

/* Runs of these characters with single dots between them. */
static bool is_dotted(const char *text, size_t len, const char *allowed,
		      size_t part_max)
{
	size_t part = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' ? part == 0 : !strchr(allowed, text[i]))
			return false;
		part = text[i] == '.' ? 0 : part + 1;
		if (part > part_max)
			return false;
	}
	return part > 0;
}

static bool has_edge_dash(const char *domain)
{
	size_t len = strlen(domain);
	return domain[0] == '-' || domain[len - 1] == '-' || strstr(domain, ".-") ||
	       strstr(domain, "-.");
}

bool email_address_is_one(const char *text, const char **why_out)
{
	const char *at = strchr(text, '@');
	size_t len = strlen(text), local = at ? (size_t)(at - text) : 0;
	*why_out = NULL;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c > 0x7e)
			*why_out = "it has a character that is not ASCII; write an "
				   "international domain as xn--…";
		else if ((unsigned char)*c < 0x20)
			*why_out = "it has a line break or control character";
	if (*why_out)
		return false;
	if (strpbrk(text, ",;"))
		*why_out = "it is more than one address";
	else if (!at || strchr(at + 1, '@'))
		*why_out = "an address has one @";
	else if (len > EMAIL_ADDRESS_MAX || local > LOCAL_MAX)
		*why_out = "it is too long for an address";
	else if (!is_dotted(text, local, ATEXT, LOCAL_MAX))
		*why_out = "what stands before the @ is no plain mailbox name";
	else if (!is_dotted(at + 1, strlen(at + 1), LETTERS DIGITS "-", LABEL_MAX) ||
		 has_edge_dash(at + 1))
		*why_out = "what stands behind the @ is no domain name";
	return !*why_out;
}

bool email_sender_parse(struct arena *arena, const char *text,
			struct email_sender *sender_out, const char **why_out)
{
	const char *open = strchr(text, '<');
	struct email_sender sender = {.address = text};
	if (open) {
		size_t len = strlen(open), name = (size_t)(open - text);
		while (name && text[name - 1] == ' ')
			name--;
		if (open[len - 1] != '>') {
			*why_out = "Name <address> ends with >";
			return false;
		}
		sender.address = arena_strndup(arena, open + 1, len - 2);
		sender.name = name ? arena_strndup(arena, text, name) : NULL;
	}
	if (!email_address_is_one(sender.address, why_out))
		return false;
	sender.address = arena_strdup(arena, sender.address);
	*sender_out = sender;
	return true;
}

const char *email_message_id(struct arena *arena, const struct email *email,
			     const struct email_sender *sender)
{
	const char *domain = strchr(sender->address, '@');
	if (!email->enrollment_id)
		return arena_printf(arena, "handbox.digest.%" PRIu64 "%s", email->id,
				    domain);
	return arena_printf(arena, "handbox.%" PRIu64 ".%s.%" PRIu32 "%s",
			    email->enrollment_id, email->step_id, email->visit, domain);
}
