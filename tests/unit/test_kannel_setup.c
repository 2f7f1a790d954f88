/* test_kannel_setup.c - what is read out of a kannel.conf, what is found fault with, and what is written for one */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plugin/kannel_setup.h"
#include "plugin/kannel_snippet.h"

/* A set-up that nothing is wrong with; the cases below replace or add lines. */
#define CORE                                                                          \
	"group = core\nsmsbox-port = 13001\ndlr-storage = sqlite3\nstore-location = " \
	"/var/spool/kannel\n"
#define SMSC "\ngroup = smsc\nsmsc = smpp\nsmsc-id = A\nwait-ack-expire = 0x02\n"
#define SMSBOX                                                         \
	"\ngroup = smsbox\nsendsms-port = 13013\nsendsms-interface = " \
	"127.0.0.1\nhttp-request-retry = 1000\n"
#define USER                                                                    \
	"\ngroup = sendsms-user\nusername = hb\npassword = pw\nmax-messages = " \
	"3\nconcatenation = true\n"
#define SERVICE                                                        \
	"\ngroup = sms-service\nkeyword = default\nmax-messages = 0\n" \
	"get-url = \"http://127.0.0.1:13081/kannel/inbound/s?text=%b\"\n"
#define GOOD CORE SMSC SMSBOX USER SERVICE

static struct arena *arena;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int drop_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct kannel_conf *parse(const char *text)
{
	struct kannel_conf *conf;
	char *why = NULL;
	if (kannel_conf_parse(text, strlen(text), "k.conf", false, &conf, &why) !=
	    ERR_OK)
		fail_msg("%s", why);
	return conf;
}

static const struct kannel_wishes plain_wishes = {
	.sender = "13013", .callback_url = "http://127.0.0.1:13081", .max_segments = 3};

static void test_good(void **state)
{
	(void)state;
	struct kannel_conf *conf = parse(GOOD);
	struct kannel_setup setup;
	kannel_setup_derive(arena, conf, &plain_wishes, &setup);
	for (unsigned i = 0; i < setup.finding_count; i++)
		if (setup.findings[i].level != KANNEL_OK)
			fail_msg("%s", setup.findings[i].sentence);
	assert_int_equal(setup.worst, KANNEL_OK);
	assert_string_equal(setup.sendsms_url,
			    "http://127.0.0.1:13013/cgi-bin/sendsms");
	assert_string_equal(setup.username, "hb");
	assert_string_equal(setup.password, "pw");
	assert_int_equal(setup.max_messages, 3);
	assert_true(setup.concatenates);
	assert_null(setup.smsbox_id);
	kannel_conf_free(&conf);
}

static const struct {
	const char *text;
	struct kannel_wishes wishes;
	enum kannel_level level;
	const char *sentence; /* a part of it */
} faults[] = {
	{CORE SMSC USER SERVICE, {.sender = "1"}, KANNEL_FAIL, "no smsbox group"},
	{CORE "\ngroup = smsbox\n" USER,
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "k.conf:6: the smsbox group has no sendsms-port"},
	{CORE "\ngroup = smsbox\nsendsms-port = 13013\n" USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "every interface"},
	{CORE SMSC SMSBOX SERVICE,
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "no sendsms-user group"},
	{GOOD "\ngroup = sendsms-user\nusername = x\npassword = y\n",
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "2 sendsms users: hb, x"},
	{GOOD,
	 {.sender = "1", .sendsms_user = "nobody"},
	 KANNEL_FAIL,
	 "no sendsms user \"nobody\"; it has hb"},
	{CORE SMSBOX "\ngroup = sendsms-user\nusername = hb\n",
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "no password"},
	{CORE SMSBOX USER "user-deny-ip = *.*.*.*\nuser-allow-ip = 10.0.0.1;10.0.0.2\n",
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "may not come from 127.0.0.1"},
	{CORE SMSBOX "\ngroup = sendsms-user\nusername = hb\npassword = x\n",
	 {.sender = "1", .max_segments = 3},
	 KANNEL_WARN,
	 "at most 1 part (max-segments is 3)"},
	{CORE SMSBOX USER "max-messages = 0\n",
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "max-messages = 0"},
	{CORE SMSBOX USER "concatenation = no\n",
	 {.sender = "1"},
	 KANNEL_WARN,
	 "concatenation is off"},
	{CORE SMSBOX USER "footer = ad\n",
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "footer adds words"},
	{CORE SMSBOX USER "split-chars = x\n",
	 {.sender = "1"},
	 KANNEL_WARN,
	 "split-chars"},
	{CORE SMSBOX "sms-length = 100\n" USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "sms-length"},
	{CORE SMSBOX USER "faked-sender = 77\n",
	 {.sender = "1"},
	 KANNEL_WARN,
	 "faked-sender = 77"},
	{CORE SMSBOX USER, {0}, KANNEL_FAIL, "neither handbox nor Kannel has a sender"},
	{CORE SMSBOX USER "forced-smsc = A\n",
	 {.sender = "1", .smsc = "B"},
	 KANNEL_WARN,
	 "forced-smsc = A overrules"},
	{CORE SMSBOX "global-sender = 5\n" USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "global-sender"},
	{CORE SMSBOX "sendsms-chars = 0123456789\n" USER,
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "lacks the +"},
	{CORE SMSBOX "immediate-sendsms-reply = yes\n" USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "promises nothing"},
	{CORE SMSBOX "http-request-retry = 0\n" USER,
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "does not call again"},
	{CORE SMSBOX USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "no sms-service takes a reply to 1"},
	{CORE SMSBOX USER
	 "\ngroup = sms-service\nkeyword = default\ntext = hi\n" SERVICE,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "k.conf:18: this sms-service takes a reply"},
	{CORE SMSBOX USER "\ngroup = sms-service\nkeyword = default\nmax-messages = "
			  "0\nget-url = http://h/kannel/inbound/s\n",
	 {.sender = "1", .callback_url = "http://other"},
	 KANNEL_FAIL,
	 "callback-url is http://other"},
	{CORE SMSBOX USER SERVICE "max-messages = 1\n",
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "answers telephones by itself"},
	{GOOD "\ngroup = sms-service\nkeyword = stop\ntext = bye\n",
	 {.sender = "1"},
	 KANNEL_WARN,
	 "\"stop\" takes texts"},
	{CORE SMSC SMSBOX "smsbox-id = sb1\n" USER,
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "no smsbox-route leads to it"},
	{CORE SMSC SMSBOX "smsbox-id = sb1\n" USER
			  "\ngroup = smsbox-route\nsmsbox-id = sb1\nshortcode = 12;3\n",
	 {.sender = "1"},
	 KANNEL_FAIL,
	 "no smsbox-route leads to it"},
	{CORE SMSBOX "smsbox-id = sb1\n" USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "bearerbox has another file"},
	{"group = core\n" SMSC SMSBOX USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "reports of texts under way are lost"},
	{"group = core\n" SMSC SMSBOX USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "in memory only"},
	{CORE "\ngroup = smsc\nsmsc = smpp\n" SMSBOX USER,
	 {.sender = "1"},
	 KANNEL_WARN,
	 "wait-ack-expire"},
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct kannel_conf *conf = parse(faults[i].text);
		struct kannel_setup setup;
		bool is_found = false;
		kannel_setup_derive(arena, conf, &faults[i].wishes, &setup);
		for (unsigned j = 0; j < setup.finding_count; j++) {
			const struct kannel_finding *finding = &setup.findings[j];
			if (!strstr(finding->sentence, faults[i].sentence))
				continue;
			is_found = true;
			assert_int_equal(finding->level, faults[i].level);
			assert_true(finding->fix[0] != '\0');
			assert_true(setup.worst >= finding->level);
		}
		if (!is_found)
			fail_msg("not found: %s", faults[i].sentence);
		kannel_conf_free(&conf);
	}
}

/* What is no fault is not said to be one. */
static const struct {
	const char *text;
	struct kannel_wishes wishes;
	const char *unsaid;
} silences[] = {
	{CORE SMSBOX USER "user-deny-ip = *.*.*.*\nuser-allow-ip = 127.0.*.*\n",
	 {.sender = "1"},
	 "may not come"},
	{CORE SMSBOX USER "user-allow-ip = 10.0.0.1\n",
	 {.sender = "1"},
	 "may not come"},
	{CORE SMSBOX USER "default-sender = 1\n", {0}, "neither"},
	{CORE SMSBOX USER
	 "\ngroup = sms-service\nkeyword = default\nallowed-receiver-prefix = "
	 "99;98\ntext = x\n" SERVICE,
	 {.sender = "1"},
	 "takes a reply to"},
	{CORE SMSBOX USER "\ngroup = sms-service\nkeyword = "
			  "default\ndenied-receiver-prefix = 1\ntext = x\n" SERVICE,
	 {.sender = "13013"},
	 "takes a reply to"},
	{CORE SMSC SMSBOX
	 "smsbox-id = s\n" USER
	 "\ngroup = smsbox-route\nsmsbox-id = s\nshortcode = 7;13013\n",
	 {.sender = "13013"},
	 "smsbox-route"},
};

static void test_silences(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++) {
		struct kannel_conf *conf = parse(silences[i].text);
		struct kannel_setup setup;
		kannel_setup_derive(arena, conf, &silences[i].wishes, &setup);
		for (unsigned j = 0; j < setup.finding_count; j++)
			if (strstr(setup.findings[j].sentence, silences[i].unsaid))
				fail_msg("case %zu: %s", i, setup.findings[j].sentence);
		kannel_conf_free(&conf);
	}
}

static void test_urls(void **state)
{
	(void)state;
	static const struct {
		const char *smsbox, *url;
	} cases[] = {
		{"sendsms-port = 1\nsendsms-interface = 10.1.2.3\n",
		 "http://10.1.2.3:1/cgi-bin/sendsms"},
		{"sendsms-port = 1\nsendsms-interface = 0.0.0.0\nsendsms-url = /s\n",
		 "http://127.0.0.1:1/s"},
		{"sendsms-port = 1\nsendsms-port-ssl = yes\n",
		 "https://127.0.0.1:1/cgi-bin/sendsms"},
		{"sendsms-port = 1\nbearerbox-port-ssl = yes\n",
		 "https://127.0.0.1:1/cgi-bin/sendsms"},
		{"sendsms-port = 1\nbearerbox-port-ssl = yes\nsendsms-port-ssl = no\n",
		 "http://127.0.0.1:1/cgi-bin/sendsms"},
		{"sendsms-port = 99999\n", NULL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kannel_setup setup;
		struct kannel_conf *conf = parse(
			arena_printf(arena, "group = smsbox\n%s", cases[i].smsbox));
		kannel_setup_derive(arena, conf, &plain_wishes, &setup);
		if (cases[i].url)
			assert_string_equal(setup.sendsms_url, cases[i].url);
		else
			assert_null(setup.sendsms_url);
		kannel_conf_free(&conf);
	}
}

/* Replies to each number of ours that no service of ours takes. */
static void test_more_senders(void **state)
{
	(void)state;
	struct kannel_wishes wishes = {.sender = "13013",
				       .callback_url = "http://127.0.0.1:13081",
				       .max_segments = 1,
				       .more_senders = (const char *const[]){
					       "+777", "888", "SHOP", "13013", NULL}};
	struct kannel_conf *conf =
		parse(CORE SMSC SMSBOX
		      "\ngroup = sms-service\nkeyword = default\n"
		      "allowed-receiver-prefix = \"13013;+13013;777;+777\"\n"
		      "max-messages = 0\nget-url = "
		      "\"http://127.0.0.1:13081/kannel/inbound/x?text=%b\"\n");
	struct kannel_setup setup;
	unsigned lost = 0;
	kannel_setup_derive(arena, conf, &wishes, &setup);
	for (unsigned i = 0; i < setup.finding_count; i++)
		if (strstr(setup.findings[i].sentence, "does not come to handbox")) {
			assert_non_null(
				strstr(setup.findings[i].sentence, "a reply to 888 "));
			assert_int_equal(setup.findings[i].level, KANNEL_WARN);
			lost++;
		}
	assert_int_equal(lost, 1);
	kannel_conf_free(&conf);
}

/* --- what is written ------------------------------------------------------ */

static const struct kannel_snippet want = {.username = "hb",
					   .password = "a \"quoted\" \\ one ",
					   .sender = "+13013",
					   .callback_url = "http://127.0.0.1:13081",
					   .secret = "s3cr3t",
					   .max_segments = 4};

/* The proof of a snippet: pasted, it is read back without a fault. */
static void test_snippet_reads_back(void **state)
{
	(void)state;
	struct buf snippet = BUF_EMPTY;
	struct kannel_wishes wishes = {.sender = "+13013",
				       .callback_url = "http://127.0.0.1:13081",
				       .max_segments = 4};
	struct kannel_conf *before = parse(CORE SMSC SMSBOX "smsbox-id = sb1\n");
	kannel_snippet_write(before, &want, &snippet);
	struct kannel_conf *after = parse(
		arena_printf(arena, "%s\n%s", CORE SMSC SMSBOX "smsbox-id = sb1\n",
			     buf_str(&snippet)));
	struct kannel_setup setup;
	kannel_setup_derive(arena, after, &wishes, &setup);
	for (unsigned i = 0; i < setup.finding_count; i++)
		if (setup.findings[i].level != KANNEL_OK)
			fail_msg("%s", setup.findings[i].sentence);
	assert_string_equal(setup.password, want.password);
	assert_int_equal(setup.max_messages, 4);
	assert_string_equal(setup.reply_service_url,
			    "http://127.0.0.1:13081/kannel/inbound/"
			    "s3cr3t?text=%b&coding=%c&charset=%C&id=%I&from=%q&to=%Q"
			    "&smsc=%i&at=%T&udh=%u");
	kannel_conf_free(&before);
	kannel_conf_free(&after);
	buf_fini(&snippet);
}

static void test_snippet_advice(void **state)
{
	(void)state;
	struct buf snippet = BUF_EMPTY;
	struct kannel_conf *conf = parse(
		"group = smsbox\nsendsms-port = 1\n\ngroup = sms-service\nname = "
		"old\nkeyword = default\n"
		"text = x\n\ngroup = sendsms-user\nusername = hb\npassword = x\n");
	kannel_snippet_write(conf, &want, &snippet);
	assert_non_null(strstr(buf_str(&snippet),
			       "Put this group BEFORE the one at k.conf:4 named old"));
	assert_non_null(
		strstr(buf_str(&snippet), "Add to the group smsbox (k.conf:1)"));
	assert_non_null(strstr(buf_str(&snippet), "#   http-request-retry = 1000\n"));
	assert_non_null(
		strstr(buf_str(&snippet), "There is a sendsms-user \"hb\" already"));
	assert_non_null(strstr(buf_str(&snippet),
			       "allowed-receiver-prefix = \"13013;+13013\"\n"));
	kannel_conf_free(&conf);

	struct kannel_snippet named = want;
	named.more_senders = (const char *const[]){"+54321", "13013", "ACME", NULL};
	buf_clear(&snippet);
	kannel_snippet_write(NULL, &named, &snippet);
	assert_non_null(strstr(buf_str(&snippet), "allowed-receiver-prefix = "
						  "\"13013;+13013;54321;+54321\"\n"));
	named.sender = "ACME";
	buf_clear(&snippet);
	kannel_snippet_write(NULL, &named, &snippet);
	assert_non_null(strstr(buf_str(&snippet), "nobody can reply"));
	assert_null(strstr(buf_str(&snippet), "allowed-receiver-prefix"));
	buf_fini(&snippet);
}

static void test_own_smsbox(void **state)
{
	(void)state;
	struct buf text = BUF_EMPTY;
	struct kannel_own_smsbox own = {.folder = "/etc/handbox/kannel"};
	struct kannel_conf *bearerbox = parse(
		"group = core\nsmsbox-port = 24001\nsmsbox-port-ssl = yes\n\ngroup = "
		"smsbox\n"
		"bearerbox-host = 10.0.0.9\n\ngroup = smsbox-route\nsmsbox-id = x\n"
		"shortcode = 99; 13013\n");
	kannel_own_smsbox_write_conf(bearerbox, &want, &own, &text);
	struct kannel_conf *conf = parse(buf_str(&text));
	struct kannel_setup setup;
	kannel_setup_derive(arena, conf, &plain_wishes, &setup);
	assert_string_equal(setup.sendsms_url,
			    "http://127.0.0.1:13014/cgi-bin/sendsms");
	assert_string_equal(setup.smsbox_id, "handbox");
	assert_string_equal(conf_get(kannel_conf_find(conf, "core"), "smsbox-port"),
			    "24001");
	assert_string_equal(conf_get(kannel_conf_find(conf, "core"), "smsbox-port-ssl"),
			    "yes");
	assert_string_equal(
		conf_get(kannel_conf_find(conf, "smsbox"), "bearerbox-host"),
		"10.0.0.9");
	kannel_conf_free(&conf);

	buf_clear(&text);
	kannel_own_smsbox_write_unit(&own, &text);
	assert_non_null(strstr(
		buf_str(&text),
		"ExecStart=/usr/sbin/smsbox -v 4 /etc/handbox/kannel/smsbox.conf\n"));

	buf_clear(&text);
	kannel_own_smsbox_write_route(bearerbox, &want, &own, &text);
	assert_non_null(
		strstr(buf_str(&text),
		       "Remove the number from the smsbox-route at k.conf:8 first"));
	conf = parse(buf_str(&text));
	assert_string_equal(
		conf_get(kannel_conf_find(conf, "smsbox-route"), "shortcode"),
		"13013;+13013");
	kannel_conf_free(&conf);
	kannel_conf_free(&bearerbox);
	buf_fini(&text);
}

static void test_can_hold(void **state)
{
	(void)state;
	assert_true(kannel_snippet_can_hold("pass word\"\\"));
	assert_false(kannel_snippet_can_hold("a\nb"));
	assert_false(kannel_snippet_can_hold("my-include-pw"));
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, make_arena, drop_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ARENA(test_good),           WITH_ARENA(test_faults),
		WITH_ARENA(test_silences),       WITH_ARENA(test_urls),
		WITH_ARENA(test_more_senders),   WITH_ARENA(test_snippet_reads_back),
		WITH_ARENA(test_snippet_advice), WITH_ARENA(test_own_smsbox),
		WITH_ARENA(test_can_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
