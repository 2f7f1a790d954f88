/* settings_instance.h - what follows from the name of an instance: SYSCONFDIR/handbox/NAME.conf keeps its database in
 * LOCALSTATEDIR/lib/handbox/NAME/, and NAME is its account, unless the file says otherwise. handbox.conf, and a file that
 * lies elsewhere, is no such instance.
 */
#ifndef HB_SETTINGS_INSTANCE_H
#define HB_SETTINGS_INSTANCE_H

#include "settings.h"

/* settings_instance_defaults - sets database and account_name by path, before the file's own values. */
void settings_instance_defaults(struct settings *settings);

#endif
