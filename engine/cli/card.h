/* card.h - a card of the API, as text: what a person must have seen before they send. */
#ifndef HB_CLI_CARD_H
#define HB_CLI_CARD_H

#include "cli/cli.h"
#include "cli/value.h"

void card_print(struct cli *cli, const struct json_t *card);

/* card_print_check - of text: segments, holes, and every guard that fails or warns. */
void card_print_check(const struct json_t *judged);

#endif
