/* card.h - a card of the API, as text: what a person must have seen before they send. */
#ifndef HB_CLI_CARD_H
#define HB_CLI_CARD_H

#include "cli/cli.h"
#include "cli/value.h"

void card_print(struct cli *cli, const struct json_t *card);

/* card_print_texts - a thread, oldest first. */
void card_print_texts(struct cli *cli, const struct json_t *messages);

/* What a card is of: a task, or a free reply to a contact. */
struct card_paths {
	const char *open, *check, *send; /* of the API */
	const char *release;             /* the command that gives it back */
};

/* card_open - with --take-over when it was given. NULL: said why. */
const struct json_t *card_open(struct cli *cli, const struct card_paths *paths);

/* card_send - opens, shows, asks on a terminal, sends. text NULL: the card's own. Options: card_send_options. */
int card_send(struct cli *cli, const struct card_paths *paths, const char *text);
extern const struct cli_option card_send_options[];

/* card_print_check - of text: segments, holes, and every guard that fails or warns. */
void card_print_check(const struct json_t *judged);

#endif
