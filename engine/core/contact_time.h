/* contact_time.h - whose wall clock counts for a contact: the zone it lives by, and those its number may be in.
 *
 * A contact's own timezone wins. Without one its country says, else the region of its number; of several zones the first
 * in the table of zones is taken for dates, and all of them for sending hours (model/hours.h). Nothing known: UTC.
 */
#ifndef HB_CORE_CONTACT_TIME_H
#define HB_CORE_CONTACT_TIME_H

#include "base/zone.h"
#include "model/hours.h"
#include "model/policy.h"
#include "model/records.h"

/* contact_zone - never NULL; borrowed for ever. */
const struct zone *contact_zone(const struct contact *contact);

/* contact_hours_place - where sending hours must be open: for a contact without a zone where its number is, as the
 * operator says (number-zone of handbox.conf), else the region of the number, else its country; with the law of the number
 * (number-hours). */
void contact_hours_place(const struct policy *policy, const struct contact *contact,
			 struct hours_place *place_out);

#endif
