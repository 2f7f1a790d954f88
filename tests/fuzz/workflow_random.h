/* workflow_random.h - workflows made of choices: bytes in, XML out, mostly valid. For fuzz_workflow and the tests of the
 * language, each of which includes it once.
 *
 * It goes over the table of the language, so a new element or attribute is in it by itself; a new value type wants a row in
 * `pools`. The first choice says how much nonsense goes into the text: none in half of them.
 */
#ifndef HB_TESTS_WORKFLOW_RANDOM_H
#define HB_TESTS_WORKFLOW_RANDOM_H

#include <string.h>

#include "workflow/language.h"

struct choices {
	const uint8_t *data;
	size_t len, at;
	struct buf *xml;
	unsigned ids, depth;
	bool has_nonsense;
};

enum { RANDOM_DEPTH_MOST = 14 };

/* 0 once the choices are used up: 0 is always the way to an end. */
static unsigned choose(struct choices *c, unsigned count)
{
	return c->at < c->len ? c->data[c->at++] % count : 0;
}

static bool choose_nonsense(struct choices *c)
{
	return c->has_nonsense && choose(c, 16) == 1;
}

static const struct pool {
	const struct value_type *type;
	const char *values[8];
} pools[] = {
	{&value_name,
	 {"a", "sales", "A &amp; B", "é€", "&quot;x&quot; '&lt;'", "x  y"}},
	{&value_login, {"ana", "ben", "c.d_e-9"}},
	{&value_weight, {"1", "2", "1000", "007"}},
	{&value_priority, {"0", "5", "9"}},
	{&value_max, {"1", "3", "1000"}},
	{&value_duration, {"1d", "90s", "4h working", "60m", "7d", "0024h"}},
	{&value_offset, {"-7d", "+12h", "1w", "24h", "-60m"}},
	{&value_days_offset, {"-7d", "+1d", "2w", "24h"}},
	{&value_wall,
	 {"2027-01-05T09:00", "2028-02-29T23:59:59", "1970-01-01T00:00:00"}},
	{&value_yes_no, {"yes", "no"}},
	{&value_only_yes, {"yes"}},
	{&value_reentry, {"once", "one-at-a-time", "concurrent"}},
	{&value_sender, {"12345", "My Shop", "&amp;"}},
	{&value_smsc, {"main", "a&lt;b"}},
	{&value_event, {"order.late", "e", "A_b-9"}},
	{&value_url, {"https://a.example/", "http://b.example:8080/x?y=1&amp;z"}},
	{&value_line,
	 {"x", "{{ contact.email }}", " a b ", "{{user.name|default:'x'}}"}},
	{&value_template, {"", "x", "a&#10;b&#9;&#13;", "{{ contact.custom.x }}", " "}},
	{&value_set_field, {"contact.custom.a", "contact.email"}},
	{&value_date_field, {"contact.custom.d", "contact.created_at"}},
	{&value_changed_field, {"contact.custom.d", "contact.phone"}},
	{&value_days, {"mon", "sun mon", " sat  fri ", "mon tue wed thu fri sat sun"}},
	{&value_clock_from, {"00:00", "09:30", "23:59"}},
	{&value_clock_to, {"00:01", "18:00", "24:00"}},
	{&value_zone, {"contact", "UTC", "Europe/Lisbon"}},
	{&value_id, {"s0"}}, /* whoever names a step; own ids are counted */
};

static const char *choose_value(struct choices *c, const struct value_type *type)
{
	static const char *const nonsense[] = {"",
					       " ",
					       "&#10;",
					       "-1",
					       "yes",
					       "s9",
					       "99999999999999999999",
					       "{{ x }}",
					       "2027-02-30T09:00",
					       "0d",
					       "24:00",
					       "me"};
	if (choose_nonsense(c))
		return nonsense[choose(c, sizeof(nonsense) / sizeof(nonsense[0]))];
	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++) {
		unsigned count = 0;
		while (count < 8 && pools[i].values[count])
			count++;
		if (pools[i].type == type)
			return pools[i].values[choose(c, count)];
	}
	return "?";
}

/* Of these only one is written. */
static bool is_alternative(enum element_id id, const char *name)
{
	if (id == EL_WAIT)
		return strcmp(name, "id") != 0 && strcmp(name, "offset") != 0;
	return id == EL_CALL_HOOK &&
	       (strcmp(name, "hook") == 0 || strcmp(name, "url") == 0);
}

static const char *choose_alternative(struct choices *c, enum element_id id)
{
	const char *names[ELEMENT_ATTRIBUTES_MAX];
	unsigned count = 0;
	for (const struct attribute *row = language[id].attributes; row->name; row++)
		if (is_alternative(id, row->name))
			names[count++] = row->name;
	return count ? names[choose(c, count)] : "";
}

static bool choose_attribute(struct choices *c, enum element_id id,
			     const struct attribute *row, const char *alternative)
{
	if (id == EL_MESSAGE ||
	    choose_nonsense(c)) /* a snippet stands without text: write_message */
		return false;
	if (is_alternative(id, row->name))
		return strcmp(row->name, alternative) == 0;
	if (strcmp(row->name, "offset") == 0 && id == EL_WAIT)
		return strcmp(alternative, "until-field") == 0 && choose(c, 2);
	if (strcmp(row->name, "max") == 0)
		return choose(c, 4) != 3;
	if (strcmp(row->name, "locked") ==
	    0) /* wants a message, which may be missing */
		return choose(c, 16) == 1;
	return row->is_required || choose(c, 2);
}

/* Operator, field and value that fit each other. */
static void write_condition_attributes(struct choices *c)
{
	static const struct {
		const char *op, *field, *value;
	} tests[] = {
		{"is", "contact.tag", "vip"},
		{"is-not", "task.s0.outcome", "sent"},
		{"in", "contact.country", "PT|es| De "},
		{"contains", "reply.text", "é &amp; &#10;"},
		{"starts-with", "contact.custom.x", "a"},
		{"ends-with", "event.e", "a"},
		{"greater-than", "contact.custom.x", "-1.50"},
		{"less-than", "event.total", "1000"},
		{"before", "contact.created_at", "2027-01-01"},
		{"after", "contact.custom.d", "2027-01-01T09:00:00Z"},
		{"matches", "contact.phone", "[+]\\d{3,}|x"},
		{"is-set", "user.name", "no"},
	};
	unsigned i = choose(c, sizeof(tests) / sizeof(tests[0]));
	unsigned k = c->has_nonsense ? choose(c, sizeof(tests) / sizeof(tests[0])) : i;
	buf_printf(c->xml, " field=\"%s\" %s=\"%s\"", tests[i].field, tests[k].op,
		   tests[i].value);
}

static void write_attributes(struct choices *c, enum element_id id)
{
	if (id == EL_CONDITION) {
		write_condition_attributes(c);
		return;
	}
	const char *alternative = choose_alternative(c, id);
	for (const struct attribute *row = language[id].attributes; row->name; row++) {
		if (!choose_attribute(c, id, row, alternative))
			continue;
		bool is_own_id = strcmp(row->name, "id") == 0 && id != EL_WORKFLOW;
		if (is_own_id)
			buf_printf(c->xml, " id=\"s%u\"", c->ids++);
		else
			buf_printf(c->xml, " %s=\"%s\"", row->name,
				   choose_value(c, row->type));
	}
}

static void write_element(struct choices *c, enum element_id id);

static enum element_id choose_step(struct choices *c)
{
	static const enum element_id steps[] = {
		EL_ADD_TAG,        EL_MANUAL_SMS, EL_BRANCH,      EL_WAIT,
		EL_WAIT_FOR_REPLY, EL_GO_TO,      EL_SET_FIELD,   EL_SEND_EMAIL,
		EL_CALL_HOOK,      EL_REMOVE_TAG, EL_ASSIGN_USER, EL_END};
	return steps[choose(c, sizeof(steps) / sizeof(steps[0]))];
}

static void write_condition_element(struct choices *c)
{
	static const enum element_id kinds[] = {EL_CONDITION, EL_ALL, EL_ANY, EL_NOT};
	write_element(c, c->depth < RANDOM_DEPTH_MOST ? kinds[choose(c, 4)]
						      : EL_CONDITION);
}

static void write_steps_inside(struct choices *c)
{
	unsigned count = c->depth < RANDOM_DEPTH_MOST ? choose(c, 4) : 0;
	for (unsigned i = 0; i < count; i++)
		write_element(c, choose_step(c));
}

/* Those that may stand once, in the order of the table or turned round. */
static void write_exits(struct choices *c, enum element_id from, enum element_id to)
{
	bool is_turned = choose(c, 2);
	for (int i = 0; i <= (int)(to - from); i++)
		if (choose(c, 3) == 1)
			write_element(c, (enum element_id)(is_turned ? (int)to - i
								     : (int)from + i));
}

static void write_whens(struct choices *c)
{
	unsigned count = 1 + choose(c, 3);
	for (unsigned i = 0; i < count; i++)
		write_element(c, EL_WHEN);
	if (choose(c, 2))
		write_element(c, EL_OTHERWISE);
}

static void write_people(struct choices *c)
{
	static const char *const logins[] = {"ana", "ben", "cai"};
	unsigned count = choose(c, 4);
	if (!count)
		write_element(c, EL_TEAM);
	for (unsigned i = 0; i < count; i++)
		buf_printf(c->xml, "<user login=\"%s\" weight=\"%u\"/>", logins[i],
			   1 + choose(c, 9));
}

static void write_triggers(struct choices *c)
{
	unsigned count = choose(c, 5), filter_at = choose(c, 6);
	for (unsigned i = 0; i < count; i++) {
		if (i == filter_at)
			write_element(c, EL_FILTER);
		write_element(c, (enum element_id)(EL_CONTACT_CREATED + choose(c, 7)));
	}
}

static void write_head(struct choices *c)
{
	for (unsigned i = choose(c, 2); i < 2; i++)
		if (choose(c, 2))
			write_element(c, i ? EL_TRIGGERS : EL_SETTINGS);
	if (choose(c, 4) == 1)
		write_element(c, EL_DESCRIPTION);
	buf_add_str(c->xml, "<steps><manual-sms id=\"s0\" name=\"First\"/>");
	c->ids = 1;
	for (unsigned i = 0; i < 8 && c->at < c->len; i++)
		write_element(c, choose_step(c));
	buf_add_str(c->xml, "</steps>");
}

static void write_text_inside(struct choices *c)
{
	static const char *const texts[] = {
		"Hi {{ contact.first_name | default: \"there\" }}",
		"x",
		" a\n b ",
		"&lt;![CDATA[",
		"<![CDATA[<&]]>",
		"<!-- c -->y &#8364;",
		"{{ user.name }}"};
	buf_add_str(c->xml, texts[choose(c, sizeof(texts) / sizeof(texts[0]))]);
}

static void write_message(struct choices *c)
{
	unsigned kind = choose(c, 3);
	if (kind == 1)
		write_element(c, EL_MESSAGE);
	if (kind == 2)
		buf_printf(c->xml, "<message snippet=\"%s\"/>",
			   choose_value(c, &value_name));
}

static bool is_trigger(enum element_id id)
{
	return id >= EL_CONTACT_CREATED && id <= EL_DATE;
}

static void write_inside(struct choices *c, enum element_id id)
{
	if (language[id].content == CONTENT_TEXT) {
		write_text_inside(c);
	} else if (id == EL_WORKFLOW) {
		write_head(c);
	} else if (id == EL_TRIGGERS) {
		write_triggers(c);
	} else if (id == EL_SETTINGS) {
		for (unsigned i = choose(c, 3); i > 0; i--)
			write_element(c, EL_HOURS);
	} else if (id == EL_ASSIGN_USER) {
		write_people(c);
	} else if (id == EL_MANUAL_SMS) {
		write_message(c);
		write_exits(c, EL_ON_SENT, EL_ON_FAILED);
	} else if (id == EL_WAIT_FOR_REPLY) {
		write_exits(c, EL_ON_REPLY, EL_ON_TIMEOUT);
	} else if (id == EL_BRANCH) {
		write_whens(c);
	} else if (id == EL_WHEN) {
		write_condition_element(c);
		write_element(c, EL_STEPS);
	} else if (id == EL_SEND_EMAIL) {
		write_element(c, EL_BODY);
	} else if (id == EL_ALL || id == EL_ANY) {
		for (unsigned i = 1 + choose(c, 3); i > 0; i--)
			write_condition_element(c);
	} else if (id == EL_NOT || id == EL_FILTER ||
		   (is_trigger(id) && choose(c, 3) == 1)) {
		write_condition_element(c);
	} else if (language_allows(id, EL_ADD_TAG)) {
		write_steps_inside(c);
	}
}

static void write_element(struct choices *c, enum element_id id)
{
	c->depth++;
	buf_printf(c->xml, "<%s", language[id].name);
	if (id == EL_WORKFLOW)
		buf_add_str(c->xml, " xmlns=\"" WORKFLOW_NAMESPACE "\"");
	write_attributes(c, id);
	buf_add_char(c->xml, '>');
	if (choose_nonsense(c))
		write_element(c, (enum element_id)choose(c, EL_COUNT));
	else
		write_inside(c, id);
	buf_printf(c->xml, "</%s>\n", language[id].name);
	c->depth--;
}

static void workflow_random(const uint8_t *data, size_t len, struct buf *xml)
{
	struct choices c = {.data = data, .len = len, .xml = xml};
	c.has_nonsense = choose(&c, 2);
	write_element(&c, EL_WORKFLOW);
}

#endif
