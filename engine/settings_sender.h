/* settings_sender.h - the groups `sender` of handbox.conf: the numbers that texts go out from, beside the key of that name.
 *
 *	group = sender
 *	number = 12345
 *	smsc = main
 *	rate = 5
 */
#ifndef HB_SETTINGS_SENDER_H
#define HB_SETTINGS_SENDER_H

#include "model/sender.h"
#include "plugin/kannel_conf.h"

/* senders_of_conf - fills what policy knows of senders, whose strings are borrowed from conf. NULL, or the place of the
 * first fault, with its sentence in *why_out (mem_free). */
const struct conf_place *senders_of_conf(const struct kannel_conf *conf,
					 struct arena *arena, struct policy *policy,
					 char **why_out) MUST_CHECK;

#endif
