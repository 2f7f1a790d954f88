/* http_listen.c - the sockets a server accepts from. Every failure to bind is a sentence for the operator. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/http_inside.h"
#include "base/clock.h"
#include "base/log.h"

enum { CONNECTIONS_MOST = 1024, BACKLOG = 511, COMPLAIN_EVERY_MS = 60 * 1000 };

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

/* --- addresses --- */

static bool parse_port(const char *text, unsigned *port_out)
{
	size_t len = strlen(text);
	if (len == 0 || len > 5 || strspn(text, "0123456789") != len ||
	    atoi(text) > 65535)
		return false;
	*port_out = (unsigned)atoi(text);
	return true;
}

static socklen_t parse_unix(const char *text, union address *address)
{
	if (strlen(text) >= sizeof(address->un.sun_path))
		return 0;
	address->un.sun_family = AF_UNIX;
	memcpy(address->un.sun_path, text, strlen(text) + 1);
	return sizeof(address->un);
}

/* 0: it is none of "a.b.c.d:port", "[v6]:port", "/path" */
static socklen_t parse_address(const char *text, union address *address)
{
	char host[INET6_ADDRSTRLEN + 2];
	unsigned port;
	memset(address, 0, sizeof(*address));
	if (*text == '/')
		return parse_unix(text, address);
	const char *colon = strrchr(text, ':');
	if (!colon || (size_t)(colon - text) >= sizeof(host) ||
	    !parse_port(colon + 1, &port))
		return 0;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (inet_pton(AF_INET, host, &address->in.sin_addr) == 1) {
		address->in.sin_family = AF_INET;
		address->in.sin_port = htons((uint16_t)port);
		return sizeof(address->in);
	}
	size_t len = strlen(host);
	if (len < 4 || host[0] != '[' || host[len - 1] != ']')
		return 0;
	host[len - 1] = '\0';
	if (inet_pton(AF_INET6, host + 1, &address->in6.sin6_addr) != 1)
		return 0;
	address->in6.sin6_family = AF_INET6;
	address->in6.sin6_port = htons((uint16_t)port);
	return sizeof(address->in6);
}

bool http_address_is_valid(const char *text)
{
	union address address;
	return parse_address(text, &address) > 0;
}

static unsigned bound_port(int fd)
{
	union address address;
	socklen_t len = sizeof(address);
	if (getsockname(fd, &address.any, &len) < 0)
		return 0;
	if (address.any.sa_family == AF_INET)
		return ntohs(address.in.sin_port);
	return address.any.sa_family == AF_INET6 ? ntohs(address.in6.sin6_port) : 0;
}

/* --- binding --- */

static enum err explain(const struct http_listen *spec, int error, struct buf *why)
{
	static const struct {
		int error;
		const char *sentence;
	} sentences[] = {
		{EADDRINUSE, "is in use by another program: stop that one, or change"},
		{EADDRNOTAVAIL, "is not an address of this machine: change"},
		{EACCES, "may not be used by this user: take a port from 1024 up (or a "
			 "folder that it may write to) in"},
		{EPERM, "may not be used by this user: change"},
		{ENOENT,
		 "lies in a folder that does not exist: make the folder, or change"},
		{ENOTDIR,
		 "lies in a folder that does not exist: make the folder, or change"},
		{ENOTSOCK, "exists and is not a socket: move it away, or change"},
	};
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (sentences[i].error == error) {
			buf_printf(why, "%s %s `%s`", spec->address,
				   sentences[i].sentence, spec->key);
			return ERR_UNREACHABLE;
		}
	buf_printf(why, "%s cannot be listened on (%s): change `%s`", spec->address,
		   strerror(error), spec->key);
	return ERR_UNREACHABLE;
}

/* Takes away a socket that nobody answers on. Returns 0 or an errno. */
static int clear_stale(const union address *address, socklen_t len)
{
	struct stat st;
	if (lstat(address->un.sun_path, &st) < 0)
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(st.st_mode))
		return ENOTSOCK;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	int result = connect(fd, &address->any, len) == 0 ? 0 : errno;
	close(fd);
	if (result != ECONNREFUSED)
		return result == 0 || result == EAGAIN ? EADDRINUSE : result;
	return unlink(address->un.sun_path) == 0 ? 0 : errno;
}

static int bind_unix(int fd, const union address *address, socklen_t len)
{
	int error = clear_stale(address, len);
	if (error)
		return error;
	/* Linux makes the file with the socket's own mode: there is no moment in which anybody may connect */
	if (fchmod(fd, 0660) < 0 || bind(fd, &address->any, len) < 0)
		return errno;
	return chmod(address->un.sun_path, 0660) == 0 ? 0 : errno;
}

static int bind_tcp(int fd, const union address *address, socklen_t len)
{
	int on = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return errno;
	if (address->any.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return errno;
	return bind(fd, &address->any, len) == 0 ? 0 : errno;
}

static enum err open_socket(const struct http_listen *spec, struct buf *why,
			    int *fd_out)
{
	union address address;
	socklen_t len = parse_address(spec->address, &address);
	if (!len) {
		buf_printf(why,
			   "`%s` is \"%s\": give it as 127.0.0.1:13080, [::1]:13080 or "
			   "/path/of/socket (%zu bytes)",
			   spec->key, spec->address, sizeof(address.un.sun_path) - 1);
		return ERR_INVALID;
	}
	bool is_unix = address.any.sa_family == AF_UNIX;
	int fd = socket(address.any.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return explain(spec, errno, why);
	int error =
		is_unix ? bind_unix(fd, &address, len) : bind_tcp(fd, &address, len);
	if (!error && listen(fd, BACKLOG) < 0)
		error = errno;
	if (error) {
		close(fd);
		return explain(spec, error, why);
	}
	*fd_out = fd;
	return ERR_OK;
}

/* --- accepting --- */

static void complain(struct http_listener *listener, const char *what)
{
	int64_t now_ms = clock_mono_ms();
	if (listener->complained_ms &&
	    now_ms - listener->complained_ms < COMPLAIN_EVERY_MS)
		return;
	listener->complained_ms = now_ms;
	log_warn("http", "%s at %s (%s): connections=%u", what, listener->address,
		 listener->key, listener->connections);
}

static void on_accept(struct evconnlistener *socket, evutil_socket_t fd,
		      struct sockaddr *peer, int len, void *arg)
{
	struct http_listener *listener = arg;
	int on = 1;
	(void)socket;
	(void)len;
	if (listener->connections >= listener->connections_max) {
		listener->server->counts.turned_away++;
		complain(listener, "too many connections, new ones are closed");
		close(fd);
		return;
	}
	if (!listener->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	conn_open(listener, fd, peer);
}

/* Out of descriptors: accepting again at once would spin. */
static void on_accept_error(struct evconnlistener *socket, void *arg)
{
	struct http_listener *listener = arg;
	complain(listener, strerror(errno));
	evconnlistener_disable(socket);
	listener->is_waiting = true;
	http_server_wake_sweep(listener->server);
}

void listener_retry(struct http_listener *listener)
{
	if (!listener->is_waiting || !listener->socket)
		return;
	listener->is_waiting = false;
	evconnlistener_enable(listener->socket);
}

static char *copy_or_null(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

enum err http_server_listen(struct http_server *server, const struct http_listen *spec,
			    struct buf *why, struct http_listener **listener_out)
{
	struct ssl_ctx_st *tls = NULL;
	int fd = -1;
	assert(spec->key && spec->address && spec->handler);
	if (spec->tls_cert || spec->tls_key) {
		enum err err = tls_load(spec, why, &tls);
		if (err != ERR_OK)
			return err;
	}
	enum err err = open_socket(spec, why, &fd);
	if (err != ERR_OK) {
		tls_free(&tls);
		return err;
	}
	struct http_listener *listener = MEM_NEW(struct http_listener);
	listener->server = server;
	listener->tls = tls;
	listener->key = mem_strdup(spec->key);
	listener->address = mem_strdup(spec->address);
	listener->tls_cert = copy_or_null(spec->tls_cert);
	listener->tls_key = copy_or_null(spec->tls_key);
	listener->headers = spec->headers;
	listener->takes_octets = spec->takes_octets;
	listener->handler = spec->handler;
	listener->ctx = spec->ctx;
	listener->connections_max =
		spec->connections_max ? spec->connections_max : CONNECTIONS_MOST;
	listener->is_unix = *spec->address == '/';
	listener->port = bound_port(fd);
	listener->socket = evconnlistener_new(
		server->base, on_accept, listener,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	assert(listener->socket);
	evconnlistener_set_error_cb(listener->socket, on_accept_error);
	TAILQ_INSERT_TAIL(&server->listeners, listener, all);
	if (listener_out)
		*listener_out = listener;
	return ERR_OK;
}

unsigned http_listener_port(const struct http_listener *listener)
{
	return listener->port;
}

enum err http_listener_reload_tls(struct http_listener *listener, struct buf *why)
{
	struct http_listen spec = {.key = listener->key,
				   .address = listener->address,
				   .tls_cert = listener->tls_cert,
				   .tls_key = listener->tls_key};
	struct ssl_ctx_st *tls = NULL;
	assert(listener->tls);
	enum err err = tls_load(&spec, why, &tls);
	if (err != ERR_OK)
		return err;
	tls_free(&listener->tls);
	listener->tls = tls;
	return ERR_OK;
}

void listener_stop(struct http_listener *listener)
{
	if (!listener->socket)
		return;
	evconnlistener_free(listener->socket);
	listener->socket = NULL;
	listener->is_waiting = false;
	if (listener->is_unix)
		unlink(listener->address);
}

void listener_free(struct http_listener *listener)
{
	assert(!listener->connections);
	listener_stop(listener);
	tls_free(&listener->tls);
	mem_free(listener->key);
	mem_free(listener->address);
	mem_free(listener->tls_cert);
	mem_free(listener->tls_key);
	mem_free(listener);
}
