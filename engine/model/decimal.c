/* decimal.c - see decimal.h */
#include "model/decimal.h"

#include <string.h>

static size_t count_digits(const char *at, const char *end)
{
	size_t count = 0;
	while (at + count < end && at[count] >= '0' && at[count] <= '9')
		count++;
	return count;
}

bool decimal_parse(const char *text, size_t len_bytes, struct decimal *out)
{
	const char *at = text, *end = text + len_bytes;
	struct decimal decimal = {0};
	if (at < end && (*at == '-' || *at == '+'))
		decimal.is_negative = *at++ == '-';
	decimal.whole = at;
	decimal.whole_len = count_digits(at, end);
	at += decimal.whole_len;
	size_t digit_count = decimal.whole_len;
	if (at < end && *at == '.') {
		decimal.fraction = ++at;
		decimal.fraction_len = count_digits(at, end);
		at += decimal.fraction_len;
		digit_count += decimal.fraction_len;
	}
	if (at != end || digit_count == 0)
		return false;
	while (decimal.whole_len > 0 && *decimal.whole == '0')
		decimal.whole++, decimal.whole_len--;
	while (decimal.fraction_len > 0 &&
	       decimal.fraction[decimal.fraction_len - 1] == '0')
		decimal.fraction_len--;
	if (decimal.whole_len == 0 && decimal.fraction_len == 0)
		decimal.is_negative = false;
	*out = decimal;
	return true;
}

static int compare_sizes(const struct decimal *a, const struct decimal *b)
{
	if (a->whole_len != b->whole_len)
		return a->whole_len < b->whole_len ? -1 : 1;
	int order = a->whole_len ? memcmp(a->whole, b->whole, a->whole_len) : 0;
	if (order)
		return order;
	size_t shorter =
		a->fraction_len < b->fraction_len ? a->fraction_len : b->fraction_len;
	order = shorter ? memcmp(a->fraction, b->fraction, shorter) : 0;
	if (order || a->fraction_len == b->fraction_len)
		return order;
	return a->fraction_len < b->fraction_len ? -1 : 1;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	int order = compare_sizes(a, b);
	return a->is_negative ? -order : order;
}
