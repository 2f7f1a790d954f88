/* language.c - reads the table; see language.h. The table is in language_table.c. */
#include "workflow/language.h"

#include <assert.h>
#include <string.h>

#define IN(id) (UINT64_C(1) << (id))

_Static_assert(EL_COUNT <= 64, "a bit per element");

static const struct value *visit_value(const struct visit *visit, const char *attribute)
{
	const struct attribute *rows = visit->element->attributes;
	size_t i = 0;
	while (rows[i].name && strcmp(rows[i].name, attribute) != 0)
		i++;
	assert(rows[i].name);
	return &visit->values[i];
}

const char *visit_text(const struct visit *visit, const char *attribute)
{
	return visit_value(visit, attribute)->text;
}

bool visit_is_given(const struct visit *visit, const char *attribute)
{
	return visit_value(visit, attribute)->is_given;
}

int64_t visit_number(const struct visit *visit, const char *attribute, int64_t fallback)
{
	const struct value *value = visit_value(visit, attribute);
	return value->text ? value->number : fallback;
}

enum element_id language_find(const char *name)
{
	for (int id = 0; id < EL_COUNT; id++)
		if (strcmp(language[id].name, name) == 0)
			return (enum element_id)id;
	return EL_NONE;
}

bool language_allows(enum element_id parent, enum element_id child)
{
	return language[child].parents & IN(parent);
}

static void list_add(struct buf *buf, const char *before, const char *name,
		     const char *behind)
{
	buf_printf(buf, "%s%s%s%s", buf->len ? ", " : "", before, name, behind);
}

void language_list_children(enum element_id parent, struct buf *buf)
{
	for (int id = 0; id < EL_COUNT; id++)
		if (language_allows(parent, (enum element_id)id))
			list_add(buf, "<", language[id].name, ">");
	if (!buf->len)
		buf_add_str(buf, "nothing");
}

void language_list_attributes(enum element_id id, struct buf *buf)
{
	for (const struct attribute *row = language[id].attributes; row->name; row++)
		list_add(buf, "", row->name, "");
	if (!buf->len)
		buf_add_str(buf, "none");
}
