/* contact.h - finding a contact by what people have at hand. */
#ifndef HB_CLI_CONTACT_H
#define HB_CLI_CONTACT_H

#include "cli/cli.h"

/* contact_id_of - name is an id, an external id, or a number. NULL: said why (unknown, or several share the number). */
const char *contact_id_of(struct cli *cli, const char *name);

#endif
