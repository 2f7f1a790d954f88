/* contact_time.c - see contact_time.h */
#include "core/contact_time.h"

#include "model/number_laws.h"
#include "model/number_zones.h"

static bool is_given(const char *text)
{
	return text && *text;
}

static const struct zone *own_zone(const struct contact *contact)
{
	return is_given(contact->timezone) ? zone_find(contact->timezone) : NULL;
}

/* The zones of the first of two regions that is given and known; NULL: none. */
static const char *const *zones_of(const char *region, const char *other)
{
	const char *const *names = is_given(region) ? zones_of_country(region) : NULL;
	if (!names && is_given(other))
		names = zones_of_country(other);
	return names;
}

const struct zone *contact_zone(const struct contact *contact)
{
	const struct zone *zone = own_zone(contact);
	if (zone)
		return zone;
	const char *const *names = zones_of(contact->country, contact->phone_region);
	if (names && names[0])
		zone = zone_find(names[0]);
	return zone ? zone : zone_utc();
}

void contact_hours_place(const struct policy *policy, const struct contact *contact,
			 struct hours_place *place_out)
{
	const struct zone *zone = own_zone(contact);
	const struct number_law *law = number_laws_find(
		policy->number_laws, contact->phone_e164, contact->phone_region);
	if (!zone)
		zone = number_zones_find(policy->number_zones, contact->phone_e164);
	*place_out = (struct hours_place){.law = law ? law->hours : NULL,
					  .law_name = law ? law->name : NULL};
	if (zone) {
		place_out->zones[place_out->count++] = zone;
		return;
	}
	const char *const *names = zones_of(contact->phone_region, contact->country);
	for (; names && *names && place_out->count < HOURS_ZONES_MOST; names++) {
		zone = zone_find(*names);
		if (zone)
			place_out->zones[place_out->count++] = zone;
	}
}
