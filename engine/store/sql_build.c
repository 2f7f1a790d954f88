/* sql_build.c - see sql_build.h */
#include "store/sql_build.h"

#include <assert.h>
#include <string.h>

void sql_add(struct sql_build *build, const char *fragment)
{
	buf_add_str(&build->text, fragment);
}

void sql_add_int(struct sql_build *build, long long number)
{
	buf_printf(&build->text, "%lld", number);
}

void sql_add_value(struct sql_build *build, const char *fragment,
		   struct sql_value value)
{
	assert(build->count < SQL_BUILD_VALUES_MOST);
	build->values[build->count++] = value;
	for (; *fragment; fragment++) {
		buf_add_char(&build->text, *fragment);
		if (*fragment == '?')
			buf_printf(&build->text, "%zu", build->count);
	}
}

void sql_build_query(struct db *db, struct sql_build *build, struct rows *rows)
{
	sql_query_text(db, buf_str(&build->text), rows, build->values, build->count);
	buf_fini(&build->text);
}
