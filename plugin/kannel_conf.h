/* kannel_conf.h - reads Kannel's configuration syntax, as gwlib/cfg.c of 1.4.5 does.
 *
 *	group = sendsms-user		a group ends at an empty line, or at the end of a file
 *	username = "handbox"		quotes go when they stand at both ends; \" and \\ inside; other \ stay
 *	# a comment			only when # is the first character: "a = b # c" has the value "b # c"
 *	text = one \
 *	two				a line that ends in \ goes on in the next; \\ at the end is one \
 *	include = "/etc/kannel/conf.d"	a file, or every file of a folder (not its folders)
 *
 * Used for two files: a kannel.conf that is there, of which only some groups matter, and our own handbox.conf,
 * where the caller checks every group and key and uses the places kept here for its messages. As in Kannel, a key
 * given twice in a group has its last value; an included file starts in the group it is included in and ends it;
 * the same file is included once. Three things differ, each on purpose: the files of a folder come in the order of
 * their names (Kannel takes them as the folder happens to list them); a relative include is looked for beside the
 * main file, then in the working folder (Kannel: the working folder of the day it was started); and only the key
 * `include` includes, where Kannel takes any line that has the word anywhere (and stops when there is no such
 * file).
 *
 *	err = kannel_conf_read("/etc/kannel/kannel.conf", &conf, &why);
 *	const struct conf_group *core = kannel_conf_find(conf, "core");
 *	const char *port = conf_get(core, "smsbox-port");
 *
 * Limits: 4 MiB in all, 256 files, includes 16 deep, lines of 64 KiB.
 * Pure but for reading files. Thread: any; one at a time. Ref: gwlib/cfg.c:cfg_read, expand_file, parse_value
 */
#ifndef HB_PLUGIN_KANNEL_CONF_H
#define HB_PLUGIN_KANNEL_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Where something stands. Lines are those of the file, counted from 1 (Kannel's own messages are off by one for every
 * continued line before). */
struct conf_place {
	const char *file;
	unsigned line;
};

struct conf_key {
	const char *name, *value; /* value never NULL; bytes as in the file, no NUL */
	struct conf_place place;
	/* in order; a repeated key stands once, with its last value and place */
	struct conf_key *next;
};

struct conf_group {
	const char *name;        /* the value of `group` */
	struct conf_place place; /* of its first line */
	struct conf_key *keys;   /* without `group` */
	struct conf_group *next;
};

struct kannel_conf {
	struct conf_group *groups; /* in order */
	const char *path;          /* as given */
	unsigned file_count;
	/* private */
	struct arena *arena;
};

/* kannel_conf_read - ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_IO: a file or folder cannot be read; ERR_SYNTAX: a line is
 * wrong; ERR_TOO_LARGE: a limit. On every error *why_out is "file:line: sentence" (mem_free), otherwise untouched. */
enum err kannel_conf_read(const char *path, struct kannel_conf **conf_out,
			  char **why_out) MUST_CHECK;

/* kannel_conf_parse - the same from memory; path is for messages and relative includes. may_include = false refuses
 * include lines. */
enum err kannel_conf_parse(const char *text, size_t len_bytes, const char *path,
			   bool may_include, struct kannel_conf **conf_out,
			   char **why_out) MUST_CHECK;

void kannel_conf_free(struct kannel_conf **conf);

/* kannel_conf_find - the last group of that name (Kannel lets it win for groups of which there is one, like core and
 * smsbox), or NULL. */
const struct conf_group *kannel_conf_find(const struct kannel_conf *conf,
					  const char *name);

/* kannel_conf_next - walks the groups of one name: after = NULL gives the first. NULL at the end. */
const struct conf_group *kannel_conf_next(const struct kannel_conf *conf,
					  const char *name,
					  const struct conf_group *after);

/* conf_get - the value, or NULL when it is not there; group may be NULL. conf_find: the key with its place. */
const char *conf_get(const struct conf_group *group, const char *name);
const struct conf_key *conf_find(const struct conf_group *group, const char *name);

/* conf_get_int - like Kannel, decimal, 0x or 0 octal. ERR_NOT_FOUND: no such key; ERR_INVALID: no number, or out of
 * range of least to most. */
enum err conf_get_int(const struct conf_group *group, const char *name, long least,
		      long most, long *value_out) MUST_CHECK;

/* conf_get_bool - Kannel's words: yes true on 1 / no false off 0, in any case; what is none of them is taken as
 * true with Kannel, here ERR_INVALID. */
enum err conf_get_bool(const struct conf_group *group, const char *name,
		       bool *value_out) MUST_CHECK;

#endif
