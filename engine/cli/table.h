/* table.h - plain, aligned output for people, safe for a terminal whatever stands in the data.
 *
 *	struct table *table = table_new(arena, (const char *[]){"ID", "NAME", NULL});
 *	table_row(table, (const char *[]){id, name, NULL});
 *	table_print(table);
 */
#ifndef HB_CLI_TABLE_H
#define HB_CLI_TABLE_H

#include "base/mem.h"

struct table;

/* table_new - the columns' heads; NULL ends them. At most 12. */
struct table *table_new(struct arena *arena, const char *const *heads);

/* table_row - as many cells as heads; copied. Line ends and control characters become blanks. */
void table_row(struct table *table, const char *const *cells);
void table_print(const struct table *table);

/* print_text - a text of a person on stdout: control characters but line ends and tabs are left out, each line after
 * indent. Ends its last line. */
void print_text(const char *indent, const char *text);

/* print_line - "label   text"; nothing when the text is empty. */
void print_line(const char *label, const char *text);

/* local_time - "2026-11-23 10:54" of the API's time, in the zone of this shell; "" for "". */
const char *local_time(struct arena *arena, const char *text);

#endif
