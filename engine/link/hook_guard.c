/* hook_guard.c - see hook_guard.h */
#include "link/hook_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/hook_url.h"

struct range4 {
	uint32_t net;
	unsigned bits;
};

#define NET4(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct range4 closed4[] = {
	{NET4(0, 0, 0, 0), 8},      {NET4(10, 0, 0, 0), 8},
	{NET4(100, 64, 0, 0), 10},  {NET4(127, 0, 0, 0), 8},
	{NET4(169, 254, 0, 0), 16}, {NET4(172, 16, 0, 0), 12},
	{NET4(192, 0, 0, 0), 24},   {NET4(192, 0, 2, 0), 24},
	{NET4(192, 88, 99, 0), 24}, {NET4(192, 168, 0, 0), 16},
	{NET4(198, 18, 0, 0), 15},  {NET4(198, 51, 100, 0), 24},
	{NET4(203, 0, 113, 0), 24}, {NET4(224, 0, 0, 0), 4},
	{NET4(240, 0, 0, 0), 4},
};

struct range6 {
	unsigned char net[16];
	unsigned bits;
};

/* Of what is open, 2000::/3, these are not: */
static const struct range6 closed6[] = {
	{{0x20, 0x01, 0x00}, 23}, /* 2001::/23, with Teredo */
	{{0x20, 0x01, 0x0d, 0xb8}, 32},
	{{0x3f, 0xff}, 20},
};
static const struct range6 open6 = {{0x20}, 3};
static const struct range6 nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};
static const struct range6 six_to_four = {{0x20, 0x02}, 16};

static bool is_open4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(closed4) / sizeof(closed4[0]); i++)
		if ((address ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
			return false;
	return true;
}

static bool is_in6(const unsigned char *address, const struct range6 *range)
{
	unsigned whole = range->bits / 8, rest = range->bits % 8;
	unsigned char mask = (unsigned char)(0xff << (8 - rest));
	return memcmp(address, range->net, whole) == 0 &&
	       (!rest || ((address[whole] ^ range->net[whole]) & mask) == 0);
}

static uint32_t four_at(const unsigned char *bytes)
{
	return NET4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

/* Mapped addresses (::ffff:a.b.c.d) are IPv4 to the kernel. */
static bool is_open6(const struct in6_addr *address)
{
	const unsigned char *bytes = address->s6_addr;
	if (IN6_IS_ADDR_V4MAPPED(address) || is_in6(bytes, &nat64))
		return is_open4(four_at(bytes + 12));
	if (is_in6(bytes, &six_to_four))
		return is_open4(four_at(bytes + 2));
	for (size_t i = 0; i < sizeof(closed6) / sizeof(closed6[0]); i++)
		if (is_in6(bytes, &closed6[i]))
			return false;
	return is_in6(bytes, &open6);
}

bool hook_address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in four;
		memcpy(&four, address, sizeof(four));
		return is_open4(ntohl(four.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 six;
		memcpy(&six, address, sizeof(six));
		return is_open6(&six.sin6_addr);
	}
	return false;
}

/* "host", "host:port", "[v6]", "[v6]:port", and a bare v6 address */
struct entry {
	const char *host, *port; /* port NULL: any */
	size_t host_len;
};

static struct entry entry_of(const char *text)
{
	struct entry entry = {.host = text, .host_len = strlen(text)};
	const char *close = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon =
		close ? (close[1] == ':' ? close + 1 : NULL) : strchr(text, ':');
	if (!close && colon && strchr(colon + 1, ':'))
		return entry;
	if (colon) {
		entry.port = colon + 1;
		entry.host_len = (size_t)(colon - text);
	}
	if (close) {
		entry.host = text + 1;
		entry.host_len = (size_t)(close - text) - 1;
	}
	return entry;
}

bool hook_host_is_allowed(const char *const *allow, const struct hook_host *host)
{
	for (; allow && *allow; allow++) {
		const struct entry entry = entry_of(*allow);
		if (strlen(host->name) == entry.host_len &&
		    strncasecmp(host->name, entry.host, entry.host_len) == 0 &&
		    (!entry.port || strcmp(entry.port, host->port) == 0))
			return true;
	}
	return false;
}

bool hook_allow_is_valid(const char *text)
{
	const struct entry entry = entry_of(text);
	static const char host_chars[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
	if (!entry.host_len || strspn(entry.host, host_chars) < entry.host_len)
		return false;
	return !entry.port || (*entry.port && strlen(entry.port) <= 5 &&
			       !entry.port[strspn(entry.port, "0123456789")]);
}
