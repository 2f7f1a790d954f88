/* test_http_tls.c - the same server behind TLS, with a certificate made here. */
#include "http_help.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define GET_X "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

#define BIG "GET /zeros/3000000 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

struct certs {
	char folder[32], cert[64], key[64], other_key[64];
};

static void write_key(EVP_PKEY *key, const char *path)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
}

static void make_certs(struct certs *certs)
{
	strcpy(certs->folder, "/tmp/hb_tls_XXXXXX");
	assert_non_null(mkdtemp(certs->folder));
	snprintf(certs->cert, sizeof(certs->cert), "%s/cert.pem", certs->folder);
	snprintf(certs->key, sizeof(certs->key), "%s/key.pem", certs->folder);
	snprintf(certs->other_key, sizeof(certs->other_key), "%s/other.pem",
		 certs->folder);
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_set_pubkey(cert, key);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)"h", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	FILE *file = fopen(certs->cert, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, cert), 1);
	fclose(file);
	write_key(key, certs->key);
	write_key(other, certs->other_key);
	X509_free(cert);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void remove_certs(const struct certs *certs)
{
	unlink(certs->cert);
	unlink(certs->key);
	unlink(certs->other_key);
	rmdir(certs->folder);
}

struct secure {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

/* Runs an SSL call until it is through, pumping the server. Returns what it gave, at most 0 when it failed. */
#define secure_do(rig, secure, call)                                        \
	({                                                                  \
		int64_t end_ms_ = clock_mono_ms() + WAIT_MS;                \
		int result_, error_;                                        \
		do {                                                        \
			assert_true(clock_mono_ms() < end_ms_);             \
			rig_pump(rig);                                      \
			ERR_clear_error();                                  \
			result_ = (call);                                   \
			error_ = SSL_get_error((secure)->ssl, result_);     \
			if (result_ <= 0)                                   \
				poll(NULL, 0, 1);                           \
		} while (result_ <= 0 && (error_ == SSL_ERROR_WANT_READ ||  \
					  error_ == SSL_ERROR_WANT_WRITE)); \
		result_;                                                    \
	})

static int secure_dial(struct rig *rig, struct secure *secure)
{
	secure->ctx = SSL_CTX_new(TLS_client_method());
	secure->ssl = SSL_new(secure->ctx);
	secure->fd = rig_dial(rig);
	SSL_set_fd(secure->ssl, secure->fd);
	return secure_do(rig, secure, SSL_connect(secure->ssl));
}

static void secure_close(struct secure *secure)
{
	SSL_free(secure->ssl);
	SSL_CTX_free(secure->ctx);
	close(secure->fd);
}

/* Reads until text ends in last, or the server says goodbye. */
static void secure_read(struct rig *rig, struct secure *secure, struct buf *text,
			const char *last)
{
	char some[16384];
	size_t len = strlen(last);
	while (text->len < len || strcmp(text->data + text->len - len, last) != 0) {
		int got = secure_do(rig, secure,
				    SSL_read(secure->ssl, some, sizeof(some)));
		if (got <= 0)
			return;
		buf_add(text, some, (size_t)got);
	}
}

static struct rig *rig_new_tls(const struct certs *certs)
{
	return rig_new_spec(NULL, (struct http_listen){.tls_cert = certs->cert,
						       .tls_key = certs->key});
}

static void test_requests_over_tls(void **state)
{
	struct certs certs;
	struct secure client;
	struct buf text = BUF_EMPTY;
	(void)state;
	make_certs(&certs);
	struct rig *rig = rig_new_tls(&certs);
	assert_int_equal(secure_dial(rig, &client), 1);
	for (int i = 0; i < 3; i++) {
		assert_true(secure_do(rig, &client,
				      SSL_write(client.ssl, TEXT(GET_X GET_X))) > 0);
		secure_read(rig, &client, &text, "GET|x");
	}
	buf_clear(&text);
	assert_true(secure_do(rig, &client, SSL_write(client.ssl, TEXT(BIG))) > 0);
	secure_read(rig, &client, &text, "never"); /* to the end */
	assert_true(text.len > 3000000);
	assert_non_null(strstr(text.data, "Content-Length: 3000000"));
	buf_fini(&text);
	secure_close(&client);
	rig_wait(rig, http_server_counts(rig->server).connections == 0);
	rig_free(rig);
	remove_certs(&certs);
}

static void test_large_body_and_goodbye(void **state)
{
	struct certs certs;
	struct secure client;
	struct buf text = BUF_EMPTY;
	(void)state;
	make_certs(&certs);
	struct rig *rig = rig_new_tls(&certs);
	assert_int_equal(secure_dial(rig, &client), 1);
	buf_add_str(&text, "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: "
			   "close\r\nContent-Length: 1000000\r\n\r\n");
	memset(buf_reserve(&text, 1000000), 'b', 1000000);
	buf_commit(&text, 1000000);
	SSL_set_mode(client.ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	for (size_t at = 0; at < text.len;) {
		int sent = secure_do(
			rig, &client,
			SSL_write(client.ssl, text.data + at, (int)(text.len - at)));
		assert_true(sent > 0);
		at += (size_t)sent;
	}
	buf_clear(&text);
	secure_read(rig, &client, &text, "never"); /* to the end */
	assert_true(text.len > 1000000);
	assert_int_equal(SSL_get_shutdown(client.ssl),
			 SSL_RECEIVED_SHUTDOWN); /* not just cut */
	buf_fini(&text);
	secure_close(&client);
	rig_free(rig);
	remove_certs(&certs);
}

static void test_gone_clients(void **state)
{
	struct certs certs;
	struct secure client;
	(void)state;
	make_certs(&certs);
	struct rig *rig = rig_new_tls(&certs);
	assert_int_equal(secure_dial(rig, &client), 1);
	assert_true(
		secure_do(rig, &client,
			  SSL_write(client.ssl,
				    TEXT("GET /later HTTP/1.1\r\nHost: h\r\n\r\n"))) >
		0);
	rig_wait(rig, rig->held_count == 1);
	SSL_shutdown(client.ssl);
	secure_close(&client);
	rig_wait(rig, http_is_gone(rig->held[0]));
	http_respond_text(rig->held[0], 200, "text/plain", "too late");
	int plain = rig_dial(rig); /* somebody who speaks no TLS */
	client_send(rig, plain, TEXT(GET_X));
	assert_true(client_sees_close(rig, plain));
	close(plain);
	rig_wait(rig, http_server_counts(rig->server).connections == 0);
	assert_int_equal(rig->asked_count, 1);
	rig_free(rig);
	remove_certs(&certs);
}

static void expect_no_tls(struct rig *rig, const char *cert, const char *key,
			  const char *part)
{
	struct http_listen spec = {.key = "listen",
				   .address = "127.0.0.1:0",
				   .tls_cert = cert,
				   .tls_key = key,
				   .handler = rig_handle,
				   .ctx = rig};
	struct buf why = BUF_EMPTY;
	assert_int_equal(http_server_listen(rig->server, &spec, &why, NULL),
			 ERR_INVALID);
	if (!strstr(buf_str(&why), part))
		fail_msg("%s", buf_str(&why));
	buf_fini(&why);
}

static void test_bad_files_are_named(void **state)
{
	struct certs certs;
	struct buf why = BUF_EMPTY;
	struct secure client;
	(void)state;
	make_certs(&certs);
	struct rig *rig = rig_new_tls(&certs);
	expect_no_tls(rig, certs.cert, NULL, "needs both");
	expect_no_tls(rig, NULL, certs.key, "needs both");
	expect_no_tls(rig, "/nonexistent", certs.key, "/nonexistent cannot be used");
	expect_no_tls(rig, certs.key, certs.key, "see `tls-cert`");
	expect_no_tls(rig, certs.cert, certs.cert, "see `tls-key`");
	expect_no_tls(rig, certs.cert, certs.other_key, "see `tls-key`");
	/* a reload that fails keeps what there is */
	assert_int_equal(http_listener_reload_tls(rig->listener, &why), ERR_OK);
	unlink(certs.key);
	assert_int_equal(http_listener_reload_tls(rig->listener, &why), ERR_INVALID);
	assert_non_null(strstr(buf_str(&why), certs.key));
	assert_int_equal(secure_dial(rig, &client), 1);
	secure_close(&client);
	buf_fini(&why);
	rig_free(rig);
	remove_certs(&certs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_over_tls),
		cmocka_unit_test(test_large_body_and_goodbye),
		cmocka_unit_test(test_gone_clients),
		cmocka_unit_test(test_bad_files_are_named),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http_tls", tests, NULL, NULL);
}
