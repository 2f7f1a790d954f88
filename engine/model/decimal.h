/* decimal.h - numbers as people write them, compared exactly: 0.1 is 0.10, and 12345678901234567890.1 is more than …890.
 *
 * A decimal is a view into its text; nothing is converted, so nothing is rounded and no number is too long. Pure.
 */
#ifndef HB_MODEL_DECIMAL_H
#define HB_MODEL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

struct decimal {
	bool is_negative;     /* never for zero */
	const char *whole;    /* digits without leading zeros; borrowed from the text */
	size_t whole_len;     /* 0: the whole part is zero */
	const char *fraction; /* digits without trailing zeros */
	size_t fraction_len;
};

/* decimal_parse - "-1000", "+3.50", ".5", "5."; no exponent, no grouping, no blanks. false: it is something else. */
bool decimal_parse(const char *text, size_t len_bytes, struct decimal *out);

/* decimal_compare - below, at or above zero as a is less than, equal to or greater than b. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

#endif
