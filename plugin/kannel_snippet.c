/* kannel_snippet.c - see kannel_snippet.h */
#include "plugin/kannel_snippet.h"

#include <string.h>

#include "plugin/kannel_setup.h"

enum {
	SEGMENTS_DEFAULT = 3,
	PORT_DEFAULT = 13014,
	BEARERBOX_PORT_DEFAULT = 13001,
	RETRIES = 1000, /* 10 s apart: nearly three hours of handbox being away */
	RETRY_DELAY_S = 10,
};

static const char inbound_query[] =
	"text=%b&coding=%c&charset=%C&id=%I&from=%q&to=%Q&smsc=%i&at=%T&udh=%u";

bool kannel_snippet_can_hold(const char *value)
{
	for (const char *at = value; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	return strstr(value, "include") == NULL;
}

/* key = "value", so that blanks at its ends and quotes inside stay. Ref: gwlib/cfg.c:parse_value */
static void add_key(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "%s = \"", key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *value);
	}
	buf_add_str(out, "\"\n");
}

static bool is_number(const char *sender)
{
	const char *digits = sender + (sender[0] == '+');
	return *digits && strspn(digits, "0123456789") == strlen(digits);
}

/* The dialled number comes with + when the SMSC says that it is international, without it otherwise. */
static void add_both_forms(struct buf *out, const char *key,
			   const struct kannel_snippet *want)
{
	const char *digits = want->sender + (want->sender[0] == '+');
	buf_printf(out, "%s = \"%s;+%s", key, digits, digits);
	for (const char *const *more = want->more_senders; more && *more; more++) {
		const char *others = *more + (**more == '+');
		if (is_number(*more) && strcmp(others, digits) != 0)
			buf_printf(out, ";%s;+%s", others, others);
	}
	buf_add_str(out, "\"\n");
}

static void add_user(struct buf *out, const struct kannel_snippet *want)
{
	buf_add_str(out, "group = sendsms-user\n");
	add_key(out, "username", want->username);
	add_key(out, "password", want->password);
	buf_printf(out,
		   "user-deny-ip = \"*.*.*.*\"\n"
		   "user-allow-ip = \"127.0.0.1\"\n"
		   "# parts of a text; more are cut off silently\n"
		   "max-messages = %u\n"
		   "concatenation = true\n\n",
		   want->max_segments ? want->max_segments : SEGMENTS_DEFAULT);
}

static void add_service(struct buf *out, const struct kannel_snippet *want)
{
	buf_add_str(out, "group = sms-service\n"
			 "name = handbox\n"
			 "keyword = default\n"
			 "catch-all = yes\n");
	if (want->sender && is_number(want->sender))
		add_both_forms(out, "allowed-receiver-prefix", want);
	buf_printf(out,
		   "# 0: smsbox itself never answers a telephone\n"
		   "max-messages = 0\n"
		   "get-url = \"%s/kannel/inbound/%s?%s\"\n\n",
		   want->callback_url, want->secret, inbound_query);
}

static void add_retries(struct buf *out, const char *indent)
{
	buf_printf(out, "%shttp-request-retry = %d\n%shttp-queue-delay = %d\n", indent,
		   RETRIES, indent, RETRY_DELAY_S);
}

/* --- the snippet --------------------------------------------------------- */

static void advise_retries(const struct kannel_conf *conf, struct buf *out)
{
	const struct conf_group *smsbox =
		conf ? kannel_conf_find(conf, "smsbox") : NULL;
	long retries = 0;
	if (smsbox &&
	    conf_get_int(smsbox, "http-request-retry", 1, 1 << 30, &retries) == ERR_OK)
		return;
	buf_add_str(out, "# Add to the group smsbox");
	if (smsbox)
		buf_printf(out, " (%s:%u)", smsbox->place.file, smsbox->place.line);
	buf_add_str(out, ", or reports and replies that come while handbox restarts "
			 "are lost:\n");
	add_retries(out, "#   ");
	buf_add_char(out, '\n');
}

static void advise_place(const struct kannel_conf *conf,
			 const struct kannel_snippet *want, struct buf *out)
{
	const struct conf_group *clash =
		conf ? kannel_clashing_service(conf, want->sender) : NULL;
	if (want->sender && !is_number(want->sender))
		buf_printf(out,
			   "# The sender \"%s\" is a name: nobody can reply to it, and "
			   "this group may be left out.\n",
			   want->sender);
	if (!clash)
		return;
	const char *name = conf_get(clash, "name");
	buf_printf(out,
		   "# Put this group BEFORE the one at %s:%u%s%s, which has keyword = "
		   "default too: Kannel says nothing of\n"
		   "# that, and the first one takes every text.\n",
		   clash->place.file, clash->place.line, name ? " named " : "",
		   name ? name : "");
}

static bool has_user(const struct kannel_conf *conf, const char *username)
{
	const struct conf_group *user = NULL;
	while (conf && (user = kannel_conf_next(conf, "sendsms-user", user))) {
		const char *name = conf_get(user, "username");
		if (name && strcmp(name, username) == 0)
			return true;
	}
	return false;
}

static void add_route(struct buf *out, const char *smsbox_id,
		      const struct kannel_snippet *want)
{
	buf_add_str(out, "group = smsbox-route\n");
	add_key(out, "smsbox-id", smsbox_id);
	add_both_forms(out, "shortcode", want);
	buf_add_char(out, '\n');
}

/* A route that is there for one of the two forms: bearerbox stops when a number has two. */
static const struct conf_group *find_route(const struct kannel_conf *conf,
					   const char *sender)
{
	const struct conf_group *route = NULL;
	const char *digits = sender + (sender[0] == '+');
	size_t len = strlen(digits);
	while (conf && (route = kannel_conf_next(conf, "smsbox-route", route))) {
		const char *at = conf_get(route, "shortcode");
		while (at) {
			at += strspn(at, " +");
			if (strncmp(at, digits, len) == 0 &&
			    (at[len] == '\0' || strchr("; ", at[len])))
				return route;
			at = strchr(at, ';');
			if (at)
				at++;
		}
	}
	return NULL;
}

static bool is_routed(const struct kannel_conf *conf, const char *smsbox_id)
{
	const struct conf_group *route = NULL;
	while ((route = kannel_conf_next(conf, "smsbox-route", route))) {
		const char *id = conf_get(route, "smsbox-id");
		if (id && strcmp(id, smsbox_id) == 0)
			return true;
	}
	return false;
}

static void advise_route(const struct kannel_conf *conf,
			 const struct kannel_snippet *want, struct buf *out)
{
	const char *id =
		conf ? conf_get(kannel_conf_find(conf, "smsbox"), "smsbox-id") : NULL;
	if (!id || is_routed(conf, id) || !want->sender || !is_number(want->sender) ||
	    find_route(conf, want->sender))
		return;
	buf_printf(out,
		   "# smsbox has a name (smsbox-id = %s): bearerbox gives it inbound "
		   "texts only by a route. In bearerbox's file:\n",
		   id);
	add_route(out, id, want);
}

void kannel_snippet_write(const struct kannel_conf *conf,
			  const struct kannel_snippet *want, struct buf *out)
{
	buf_add_str(out, "# For handbox, to be pasted into the file that smsbox is "
			 "started with. Groups are parted by empty\n"
			 "# lines. smsbox must be restarted afterwards: SIGHUP does "
			 "not make it read them.\n\n");
	advise_retries(conf, out);
	if (has_user(conf, want->username))
		buf_printf(out,
			   "# There is a sendsms-user \"%s\" already; this one takes "
			   "its place.\n",
			   want->username);
	add_user(out, want);
	advise_place(conf, want, out);
	add_service(out, want);
	advise_route(conf, want, out);
}

/* --- a smsbox of our own -------------------------------------------------- */

static const char *own_id(const struct kannel_own_smsbox *own)
{
	return own->smsbox_id ? own->smsbox_id : "handbox";
}

static bool group_says_yes(const struct conf_group *group, const char *key)
{
	bool value = false;
	return conf_get_bool(group, key, &value) == ERR_OK && value;
}

void kannel_own_smsbox_write_conf(const struct kannel_conf *conf,
				  const struct kannel_snippet *want,
				  const struct kannel_own_smsbox *own, struct buf *out)
{
	const struct conf_group *core = conf ? kannel_conf_find(conf, "core") : NULL;
	const struct conf_group *smsbox =
		conf ? kannel_conf_find(conf, "smsbox") : NULL;
	const char *host = own->bearerbox_host ? own->bearerbox_host
					       : conf_get(smsbox, "bearerbox-host");
	long port = BEARERBOX_PORT_DEFAULT;
	enum err err = conf_get_int(core, "smsbox-port", 1, 65535, &port);
	(void)err; /* Kannel's own default stays */
	buf_printf(out,
		   "# A smsbox for handbox alone, beside any other. It needs a "
		   "bearerbox; handbox.conf names this file as\n"
		   "# kannel-conf.\n"
		   "group = core\n"
		   "smsbox-port = %ld\n",
		   port);
	if (group_says_yes(core, "smsbox-port-ssl"))
		buf_add_str(out, "smsbox-port-ssl = yes\n");
	buf_add_str(out, "\ngroup = smsbox\n");
	add_key(out, "smsbox-id", own_id(own));
	add_key(out, "bearerbox-host", host ? host : "127.0.0.1");
	buf_printf(out,
		   "sendsms-port = %u\n"
		   "sendsms-interface = 127.0.0.1\n",
		   own->sendsms_port ? own->sendsms_port : PORT_DEFAULT);
	add_retries(out, "");
	buf_printf(out,
		   "# warnings only: below that, people's texts stand in the log\n"
		   "log-file = \"%s/smsbox.log\"\n"
		   "log-level = 2\n\n",
		   own->folder);
	add_user(out, want);
	add_service(out, want);
}

void kannel_own_smsbox_write_unit(const struct kannel_own_smsbox *own, struct buf *out)
{
	buf_printf(out,
		   "# /etc/systemd/system/handbox-smsbox.service\n"
		   "[Unit]\n"
		   "Description=Kannel smsbox of handbox\n"
		   "After=network.target kannel.service\n"
		   "# smsbox ends whenever bearerbox does\n"
		   "StartLimitIntervalSec=0\n\n"
		   "[Service]\n"
		   "User=%s\n"
		   "ExecStart=/usr/sbin/smsbox -v 4 %s/smsbox.conf\n"
		   "Restart=always\n"
		   "RestartSec=5\n\n"
		   "[Install]\n"
		   "WantedBy=multi-user.target\n",
		   own->user ? own->user : "kannel", own->folder);
}

void kannel_own_smsbox_write_route(const struct kannel_conf *conf,
				   const struct kannel_snippet *want,
				   const struct kannel_own_smsbox *own, struct buf *out)
{
	buf_add_str(out, "# For the file that bearerbox is started with; restart "
			 "bearerbox afterwards.\n");
	/* Ref: gw/bearerbox.c:check_config */
	if (conf && !kannel_conf_find(conf, "smsbox"))
		buf_add_str(out, "# It has no smsbox group, without which bearerbox "
				 "does not start:\n"
				 "group = smsbox\n"
				 "bearerbox-host = 127.0.0.1\n\n");
	if (!want->sender || !is_number(want->sender)) {
		buf_add_str(
			out,
			"# There is no number to route: delivery reports find their "
			"way without, and inbound texts stay where they are.\n");
		return;
	}
	const struct conf_group *clash = find_route(conf, want->sender);
	if (clash)
		buf_printf(out,
			   "# Remove the number from the smsbox-route at %s:%u first: "
			   "bearerbox does not start with two.\n",
			   clash->place.file, clash->place.line);
	add_route(out, own_id(own), want);
}
