/* csv.h - reads CSV as of RFC 4180: quotes, doubled quotes, commas and line ends inside quotes; LF or CR LF; a BOM is
 * skipped; a semicolon separates when the first line has semicolons and no comma (as spreadsheets write it in many
 * countries). UTF-8 only.
 *
 *	struct csv csv;
 *	csv_init(&csv, text, len);
 *	while (csv_next(&csv))
 *		for (i = 0; i < csv.count; i++) puts(csv.cells[i]);
 *	if (csv.fault) …				with csv.line
 *
 * Pure; cells live until the next csv_next; csv_fini frees the last ones.
 */
#ifndef HB_CLI_CSV_H
#define HB_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum { CSV_CELLS_MOST = 200 };

struct csv {
	/* of the row, blanks around them taken off */
	const char *cells[CSV_CELLS_MOST];
	size_t count;
	unsigned line;       /* where the row begins, from 1 */
	const char *fault;   /* a sentence; NULL: none */
	struct arena *arena; /* of the row; anything as short-lived may stand in it */
	/* private */
	const char *at, *end;
	unsigned next_line;
	char separator;
};

void csv_init(struct csv *csv, const char *text, size_t len_bytes);
void csv_fini(struct csv *csv);

/* csv_next - the next row that is not empty. false: the end, or a fault. */
bool csv_next(struct csv *csv);

#endif
