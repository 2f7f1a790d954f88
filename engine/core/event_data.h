/* event_data.h - what an event brought along (POST /events/{name}), as conditions and templates see it: event.NAME.
 *
 * It is kept as the JSON object it came as. Texts, numbers, true and false are values; null, objects and arrays in it are
 * empty.
 */
#ifndef HB_CORE_EVENT_DATA_H
#define HB_CORE_EVENT_DATA_H

#include "base/mem.h"
#include "model/records.h"

#define EVENT_PREFIX "event."

enum { EVENT_DATA_BYTES = 16 * 1024 };

struct event_data {
	const struct contact_field *fields;
	size_t count;
	bool is_read;
};

/* event_data_read - text NULL: there is none. Once; again does nothing. All of it lives in arena. */
void event_data_read(struct event_data *data, struct arena *arena, const char *text);

/* event_data_get - field: "event.NAME". NULL: there is no such value. */
const char *event_data_get(const struct event_data *data, const char *field);

#endif
