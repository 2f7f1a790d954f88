/* test_kannel_conf.c - the configuration syntax as Kannel 1.4.5 reads it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "plugin/kannel_conf.h"

/* "group{key=value,key=value}group{…}" */
static char *flatten(const struct kannel_conf *conf)
{
	struct buf buf = BUF_EMPTY;
	for (const struct conf_group *group = conf->groups; group;
	     group = group->next) {
		buf_printf(&buf, "%s{", group->name);
		for (const struct conf_key *key = group->keys; key; key = key->next)
			buf_printf(&buf, "%s=%s@%u%s", key->name, key->value,
				   key->place.line, key->next ? "," : "");
		buf_add_char(&buf, '}');
	}
	return buf_take(&buf);
}

static const struct {
	const char *text, *flat;
} good[] = {
	{"", ""},
	{"# nothing\n\n\n", ""},
	{"group = core\nadmin-port = 13000\n", "core{admin-port=13000@2}"},
	{"group = core\r\na = b\r\n\r\ngroup=x", "core{a=b@2}x{}"},
	{"  group=core  \n\t a =  b c  \n", "core{a=b c@2}"},
	{"a = 1\ngroup = core\n", "core{a=1@1}"}, /* the key need not come first */
	{"group = \"a b\"\n", "a b{}"},
	{"group = g\na = \"x \\\" y \\\\ z \\n\"\n", "g{a=x \" y \\ z \\n@2}"},
	{"group = g\na = \"\"\nb = \"\nc = \"x\nd = x\"\n",
	 "g{a=@2,b=@3,c=\"x@4,d=x\"@5}"},
	{"group = g\na = b # c\n", "g{a=b # c@2}"},
	{"group = g\n  # a = 1\nb = 2\n", "g{b=2@3}"}, /* a comment ends no group */
	{"group = g\na = 1\nb = 2\na = 3\n", "g{a=3@4,b=2@3}"},
	{"group = g\na = one \\\n two\nb = 3\n", "g{a=one  two@2,b=3@4}"},
	{"group = g\na = c:\\\\\nb = 3\n", "g{a=c:\\@2,b=3@3}"},
	{"group = g\na = x\\", "g{a=x@2}"},
	{"group = g\nurl = http://h/?a=b&c=d\n", "g{url=http://h/?a=b&c=d@2}"},
	{"group = g\na = 1\n \t \ngroup = g\na = 2", "g{a=1@2}g{a=2@5}"},
	{"group = g\nlog = /var/include/x\n", "g{log=/var/include/x@2}"},
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct kannel_conf *conf;
		char *why = NULL;
		if (kannel_conf_parse(good[i].text, strlen(good[i].text), "t.conf",
				      false, &conf, &why) != ERR_OK)
			fail_msg("%s: %s", good[i].text, why);
		char *flat = flatten(conf);
		assert_string_equal(flat, good[i].flat);
		mem_free(flat);
		kannel_conf_free(&conf);
		assert_null(conf);
	}
}

static const struct {
	const char *text;
	enum err err;
	const char *why;
} bad[] = {
	{"group = core\nadmin-port 13000\n", ERR_SYNTAX,
	 "t.conf:2: an equals sign is missing"},
	{"\n\na = b\n\n", ERR_SYNTAX, "t.conf:3: these lines belong to no group"},
	{"group = g\n\n = b\n", ERR_SYNTAX, "t.conf:3: there is no key"},
	{"group = g\ninclude = x\n", ERR_SYNTAX,
	 "t.conf:2: include is not possible here"},
	{"group = g\na = \\\nb\nwrong\n", ERR_SYNTAX, "t.conf:4: an equals"},
};

static void expect_error(const char *text, size_t len, enum err err, const char *part)
{
	struct kannel_conf *conf = NULL;
	char *why = NULL;
	assert_int_equal(kannel_conf_parse(text, len, "t.conf", false, &conf, &why),
			 err);
	if (!strstr(why, part))
		fail_msg("\"%.80s\" gave: %s", text, why);
	assert_null(conf);
	mem_free(why);
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_error(bad[i].text, strlen(bad[i].text), bad[i].err, bad[i].why);
	expect_error("group = g\na = \0b\n", 17, ERR_SYNTAX,
		     "t.conf:2: the line has a NUL");
	struct buf long_line = BUF_EMPTY;
	for (int i = 0; i < 70000; i++)
		buf_add_char(&long_line, 'x');
	expect_error(buf_str(&long_line), long_line.len, ERR_TOO_LARGE, "64 KiB");
	buf_clear(&long_line);
	for (int i = 0; i < 70000; i++)
		buf_add_str(&long_line, "x\\\n");
	expect_error(buf_str(&long_line), long_line.len, ERR_TOO_LARGE, "64 KiB");
	buf_fini(&long_line);
	char *huge = mem_calloc(1, 5 << 20);
	expect_error(huge, 5 << 20, ERR_TOO_LARGE, "4 MiB");
	mem_free(huge);
}

/* --- files --------------------------------------------------------------- */

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/handbox-conf-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static const char *put(const char *name, const char *text)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static char *read_flat(const char *name)
{
	char path[256];
	struct kannel_conf *conf;
	char *why = NULL;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (kannel_conf_read(path, &conf, &why) != ERR_OK)
		return why;
	char *flat = flatten(conf);
	kannel_conf_free(&conf);
	return flat;
}

static void expect_read(const char *name, const char *flat)
{
	char *got = read_flat(name);
	if (!strstr(got, flat))
		fail_msg("%s gave: %s", name, got);
	mem_free(got);
}

static void test_includes(void **state)
{
	(void)state;
	char path[256];
	snprintf(path, sizeof(path), "%s/d", folder);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/d/sub", folder);
	mkdir(path, 0755);
	put("d/b", "group = b\n");
	put("d/a", "group = a\nx = 1");
	put("d/sub/c", "group = c\n");
	/* a group may begin outside and go on inside; the file ends it */
	put("tail.conf", "y = 2\n");
	put("main.conf", "group = core\nx = 1\ninclude = tail.conf\ngroup = "
			 "z\n\ninclude = \"d\"\ngroup = end\n");
	expect_read("main.conf", "core{x=1@2,y=2@1}z{}a{x=1@2}b{}end{}");
	/* a file twice, a file in a circle: taken once */
	put("twice.conf",
	    "include = d/a\ninclude = d/a\ninclude = twice.conf\ngroup = q\n");
	expect_read("twice.conf", "a{x=1@2}q{}");
	put("missing.conf", "group = q\ninclude = nowhere.conf\n");
	expect_read("missing.conf",
		    "missing.conf:2: cannot read nowhere.conf: No such file");
	put("wrong.conf", "include = bad.conf\n");
	put("bad.conf", "group = x\n\n\nwhat\n");
	expect_read("wrong.conf", "bad.conf:4: an equals sign");
	put("empty.conf", "include = \n");
	expect_read("empty.conf", "needs the name");
	put("device.conf", "include = /dev/zero\n");
	expect_read("device.conf", "/dev/zero is not a file");
	expect_read("nothere.conf", "nothere.conf: cannot read");
}

static void test_depth(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		char name[32], text[64];
		snprintf(name, sizeof(name), "deep%d", i);
		snprintf(text, sizeof(text), "include = deep%d\n", i + 1);
		put(name, text);
	}
	put("deep20", "group = bottom\n");
	expect_read("deep5", "bottom{}");
	expect_read("deep4", "deep");
	expect_read("deep0", "more than 16 deep");
}

static void test_getters(void **state)
{
	(void)state;
	static const char text[] = "group = core\nport = 13000\nhex = 0x10\nbad = "
				   "12x\nyes = YES\nno = off\nodd = maybe\n\n"
				   "group = smsc\nid = 1\n\ngroup = core\nport = "
				   "7\n\ngroup = smsc\nid = 2\n";
	struct kannel_conf *conf;
	char *why;
	long number = 0;
	bool flag = false;
	assert_int_equal(
		kannel_conf_parse(text, sizeof(text) - 1, "t.conf", false, &conf, &why),
		ERR_OK);
	const struct conf_group *core = kannel_conf_next(conf, "core", NULL);
	assert_int_equal(conf_get_int(core, "port", 1, 65535, &number), ERR_OK);
	assert_int_equal(number, 13000);
	assert_int_equal(conf_get_int(core, "hex", 1, 65535, &number), ERR_OK);
	assert_int_equal(number, 16);
	assert_int_equal(conf_get_int(core, "bad", 1, 65535, &number), ERR_INVALID);
	assert_int_equal(conf_get_int(core, "port", 1, 1000, &number), ERR_INVALID);
	assert_int_equal(conf_get_int(core, "none", 1, 1000, &number), ERR_NOT_FOUND);
	assert_int_equal(conf_get_bool(core, "yes", &flag), ERR_OK);
	assert_true(flag);
	assert_int_equal(conf_get_bool(core, "no", &flag), ERR_OK);
	assert_false(flag);
	assert_int_equal(conf_get_bool(core, "odd", &flag), ERR_INVALID);
	assert_int_equal(conf_get_bool(NULL, "odd", &flag), ERR_NOT_FOUND);
	assert_string_equal(conf_get(kannel_conf_find(conf, "core"), "port"), "7");
	const struct conf_group *smsc = kannel_conf_next(conf, "smsc", NULL);
	smsc = kannel_conf_next(conf, "smsc", smsc);
	assert_string_equal(conf_get(smsc, "id"), "2");
	assert_null(kannel_conf_next(conf, "smsc", smsc));
	assert_null(kannel_conf_find(conf, "nothing"));
	kannel_conf_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test_setup_teardown(test_includes, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(test_depth, make_folder, remove_folder),
		cmocka_unit_test(test_getters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
