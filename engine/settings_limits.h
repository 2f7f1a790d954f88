/* settings_limits.h - the keys of handbox.conf that say when, how often and what may be sent.
 *
 * Each reads a value; NULL, or the sentence that says what is wrong and how it is written (in arena, without a full stop).
 */
#ifndef HB_SETTINGS_LIMITS_H
#define HB_SETTINGS_LIMITS_H

#include "base/mem.h"
#include "model/forbidden.h"
#include "model/hours.h"
#include "model/number_laws.h"
#include "model/number_zones.h"
#include "model/policy.h"
#include "plugin/kannel_conf.h"

/* settings_hours - `mon-fri 09:00-18:00`; see model/hours.h. */
const char *settings_hours(struct arena *arena, const char *text,
			   const struct hours **hours_out) MUST_CHECK;

/* settings_cap - `3/24h`: so many within so long, at most 30 days. */
const char *settings_cap(struct arena *arena, const char *text,
			 struct frequency_cap *cap_out) MUST_CHECK;

/* settings_forbidden - the path of a file, which is read; see model/forbidden.h. */
const char *settings_forbidden(struct arena *arena, const char *path,
			       const struct forbidden **list_out) MUST_CHECK;

/* settings_zones - every number-zone group: prefix, timezone. place_out: where the fault stands. NULL: there is none. */
const char *settings_zones(struct arena *arena, const struct kannel_conf *file,
			   const struct number_zones **zones_out,
			   const struct conf_place **place_out) MUST_CHECK;

/* settings_laws - likewise every number-hours group: name, prefix or region, hours. */
const char *settings_laws(struct arena *arena, const struct kannel_conf *file,
			  const struct number_laws **laws_out,
			  const struct conf_place **place_out) MUST_CHECK;

#endif
