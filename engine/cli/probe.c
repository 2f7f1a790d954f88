/* probe.c - see probe.h */
#include "cli/probe.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROBE_MS = 3000 };

bool probe_split(struct arena *arena, const char *url, const char **host_out,
		 const char **port_out)
{
	bool is_tls = strncmp(url, "https://", 8) == 0;
	if (!is_tls && strncmp(url, "http://", 7) != 0)
		return false;
	const char *host = url + (is_tls ? 8 : 7);
	bool is_v6 = *host == '[';
	host += is_v6;
	size_t len = strcspn(host, is_v6 ? "]" : ":/?");
	const char *rest = host + len + (is_v6 && host[len] == ']');
	*host_out = arena_strndup(arena, host, len);
	*port_out = *rest == ':'
			    ? arena_strndup(arena, rest + 1, strcspn(rest + 1, "/?"))
		    : is_tls ? "443"
			     : "80";
	return len > 0;
}

/* 0, or an errno. */
static int connect_within(const struct addrinfo *address)
{
	int error = 0;
	socklen_t len = sizeof(error);
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);
	if (fd < 0)
		return errno;
	if (connect(fd, address->ai_addr, address->ai_addrlen) < 0)
		error = errno;
	if (error == EINPROGRESS) {
		struct pollfd wait = {.fd = fd, .events = POLLOUT};
		int ready = poll(&wait, 1, PROBE_MS);
		error = ready == 0 ? ETIMEDOUT : 0;
		if (ready > 0)
			(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	}
	close(fd);
	return error;
}

bool probe_url(struct arena *arena, const char *url, const char **why_out)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	const char *host, *port;
	int error = EINVAL;
	if (!probe_split(arena, url, &host, &port)) {
		*why_out = "it is no http:// address";
		return false;
	}
	int rc = getaddrinfo(host, port, &hints, &found);
	if (rc != 0) {
		*why_out = arena_printf(arena, "%s: %s", host, gai_strerror(rc));
		return false;
	}
	for (const struct addrinfo *at = found; at && error; at = at->ai_next)
		error = connect_within(at);
	freeaddrinfo(found);
	*why_out = error ? strerror(error) : NULL;
	return error == 0;
}
