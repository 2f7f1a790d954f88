/* secret_in.h - a password typed or piped in; never an argument, never shown, wiped after use. */
#ifndef HB_CLI_SECRET_IN_H
#define HB_CLI_SECRET_IN_H

#include "cli/cli.h"

enum { SECRET_IN_MOST = 1024 };

/* secret_in_password - on a terminal asked for twice without echo; else the first line of stdin. "" when nothing was
 * given. CLI_FAILED: said why. The caller wipes it: secret_in_wipe. */
int secret_in_password(struct cli *cli, char password_out[SECRET_IN_MOST]);
void secret_in_wipe(char password[SECRET_IN_MOST]);

#endif
