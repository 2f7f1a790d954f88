/* http_tls.c - certificates, and bufferevents that speak TLS (1.2 and 1.3). */
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "api/http_inside.h"

static enum err explain(const char *path, const char *what, const char *key,
			struct buf *why)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;
	buf_printf(why, "%s %s (%s): see `%s`", path, what,
		   reason ? reason : "no reason given", key);
	ERR_clear_error();
	return ERR_INVALID;
}

/* Only http/1.1 is spoken; a client that offers other protocols alone goes on without. Ref: RFC 7301 */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
			   const unsigned char *in, unsigned in_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	(void)ssl;
	(void)arg;
	unsigned char *chosen;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in,
				  in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

enum err tls_load(const struct http_listen *spec, struct buf *why,
		  struct ssl_ctx_st **tls_out)
{
	if (!spec->tls_cert || !spec->tls_key || *spec->address == '/') {
		buf_printf(why,
			   "TLS on `%s` needs both tls-cert and tls-key, and a port",
			   spec->key);
		return ERR_INVALID;
	}
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	enum err err = ERR_OK;
	if (!tls)
		return explain("TLS", "cannot be set up", spec->key, why);
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
	if (SSL_CTX_use_certificate_chain_file(tls, spec->tls_cert) != 1)
		err = explain(spec->tls_cert,
			      "cannot be used as a certificate chain in PEM",
			      "tls-cert", why);
	else if (SSL_CTX_use_PrivateKey_file(tls, spec->tls_key, SSL_FILETYPE_PEM) != 1)
		err = explain(spec->tls_key,
			      "cannot be used as the private key of tls-cert",
			      "tls-key", why);
	else if (SSL_CTX_check_private_key(tls) != 1)
		err = explain(spec->tls_key, "does not belong to the certificate",
			      "tls-key", why);
	if (err != ERR_OK) {
		SSL_CTX_free(tls);
		return err;
	}
	*tls_out = tls;
	return ERR_OK;
}

void tls_free(struct ssl_ctx_st **tls)
{
	SSL_CTX_free(*tls);
	*tls = NULL;
}

struct bufferevent *tls_bufferevent(struct http_listener *listener, int fd)
{
	SSL *ssl = SSL_new(listener->tls);
	if (!ssl)
		return NULL;
	struct bufferevent *bev = bufferevent_openssl_socket_new(
		listener->server->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
		BEV_OPT_CLOSE_ON_FREE);
	if (!bev) {
		SSL_free(ssl);
		return NULL;
	}
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void tls_say_goodbye(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	if (SSL_is_init_finished(ssl))
		SSL_shutdown(ssl);
	ERR_clear_error();
}
