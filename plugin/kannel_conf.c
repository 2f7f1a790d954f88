/* kannel_conf.c - see kannel_conf.h
 *
 * One reader goes over the main file line by line; an include pushes another file, whose lines are taken before the
 * rest. The group being filled is the reader's, not the file's: that is how an included file can begin inside a
 * group.
 */
#include "plugin/kannel_conf.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	TOTAL_MOST_BYTES = 4 * 1024 * 1024,
	LINE_MOST_BYTES = 64 * 1024,
	FILES_MOST = 256,
	DEPTH_MOST = 16,
};

struct reader {
	struct kannel_conf *conf;
	struct arena *arena;
	struct conf_group *group;      /* being filled, or NULL */
	struct conf_group **group_end; /* where the next finished group goes */
	struct conf_key **key_end;
	const char *files[FILES_MOST]; /* every file read so far, as named */
	size_t total_bytes;
	unsigned depth;
	bool may_include;
	char *why;
};

static enum err fail(struct reader *reader, enum err err,
		     const struct conf_place *place, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

static enum err fail(struct reader *reader, enum err err,
		     const struct conf_place *place, const char *fmt, ...)
{
	struct buf buf = BUF_EMPTY;
	va_list args;
	if (place->line)
		buf_printf(&buf, "%s:%u: ", place->file, place->line);
	else
		buf_printf(&buf, "%s: ", place->file);
	va_start(args, fmt);
	buf_vprintf(&buf, fmt, args);
	va_end(args);
	mem_free(reader->why);
	reader->why = buf_take(&buf);
	return err;
}

/* --- values -------------------------------------------------------------- */

static void strip(char **text)
{
	char *start = *text;
	while (isspace((unsigned char)*start))
		start++;
	size_t len = strlen(start);
	while (len && isspace((unsigned char)start[len - 1]))
		len--;
	start[len] = '\0';
	*text = start;
}

/* Ref: gwlib/cfg.c:parse_value */
static char *parse_value(char *text)
{
	strip(&text);
	size_t len = strlen(text);
	if (len == 0 || text[0] != '"' || text[len - 1] != '"')
		return text;
	if (len == 1)
		return text + 1;
	char *from = text + 1, *end = text + len - 1, *to = text;
	while (from < end) {
		if (*from == '\\' && from + 1 < end &&
		    (from[1] == '\\' || from[1] == '"'))
			from++;
		*to++ = *from++;
	}
	*to = '\0';
	return text;
}

/* --- groups -------------------------------------------------------------- */

static enum err end_group(struct reader *reader)
{
	struct conf_group *group = reader->group;
	if (!group)
		return ERR_OK;
	reader->group = NULL;
	if (!group->name)
		return fail(reader, ERR_SYNTAX, &group->place,
			    "these lines belong to no group; they need a line \"group "
			    "= …\", or an empty line "
			    "above them is too many");
	*reader->group_end = group;
	reader->group_end = &group->next;
	return ERR_OK;
}

static void set_key(struct reader *reader, const char *name, const char *value,
		    const struct conf_place *place)
{
	struct conf_group *group = reader->group;
	if (!group) {
		group = reader->group = ARENA_NEW(reader->arena, struct conf_group);
		group->place = *place;
		reader->key_end = &group->keys;
	}
	if (strcmp(name, "group") == 0) {
		group->name = arena_strdup(reader->arena, value);
		return;
	}
	struct conf_key *key = group->keys;
	while (key && strcmp(key->name, name))
		key = key->next;
	if (!key) {
		key = ARENA_NEW(reader->arena, struct conf_key);
		key->name = arena_strdup(reader->arena, name);
		*reader->key_end = key;
		reader->key_end = &key->next;
	}
	key->value = arena_strdup(reader->arena, value);
	key->place = *place;
}

/* --- lines --------------------------------------------------------------- */

static enum err include(struct reader *reader, const char *name,
			const struct conf_place *place);

static enum err take_line(struct reader *reader, char *line,
			  const struct conf_place *place)
{
	strip(&line);
	if (*line == '\0')
		return end_group(reader);
	if (*line == '#')
		return ERR_OK;
	char *equals = strchr(line, '=');
	if (!equals)
		return fail(reader, ERR_SYNTAX, place,
			    "an equals sign is missing; a line is \"key = value\" or "
			    "begins with #");
	*equals = '\0';
	char *name = line, *value = parse_value(equals + 1);
	strip(&name);
	if (*name == '\0')
		return fail(reader, ERR_SYNTAX, place,
			    "there is no key before the equals sign");
	if (strcmp(name, "include") == 0)
		return include(reader, value, place);
	set_key(reader, name, value, place);
	return ERR_OK;
}

/* Cuts the physical line at *at off and adds it to line. true: it ends in a backslash, so that the next one goes
 * on. */
static bool join_line(const char **at, const char *end, struct buf *line)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	const char *line_end = stop ? stop : end;
	size_t len = (size_t)(line_end - *at);
	bool goes_on = len > 0 && line_end[-1] == '\\';
	buf_add(line, *at, goes_on ? len - 1 : len);
	*at = stop ? stop + 1 : end;
	/* an escaped backslash is one at the end of the line */
	return goes_on && !(len > 1 && line_end[-2] == '\\');
}

static enum err take_text(struct reader *reader, const char *text, size_t len,
			  const char *file)
{
	const char *at = text, *end = text + len;
	struct conf_place place = {file, 0};
	struct buf line = BUF_EMPTY;
	enum err err = ERR_OK;
	unsigned lines = 0;
	while (err == ERR_OK && at < end) {
		buf_clear(&line);
		place.line = lines + 1;
		bool goes_on = true;
		while (goes_on && at < end && line.len <= LINE_MOST_BYTES) {
			goes_on = join_line(&at, end, &line);
			lines++;
		}
		if (line.len > LINE_MOST_BYTES)
			err = fail(reader, ERR_TOO_LARGE, &place,
				   "the line is longer than 64 KiB");
		else if (memchr(line.data, '\0', line.len))
			err = fail(reader, ERR_SYNTAX, &place,
				   "the line has a NUL byte; this is not a text file");
		else
			err = take_line(reader, line.data, &place);
	}
	/* so that two files never share a group by mistake */
	if (err == ERR_OK)
		err = end_group(reader);
	buf_fini(&line);
	return err;
}

/* --- files --------------------------------------------------------------- */

static enum err fail_errno(struct reader *reader, const struct conf_place *place,
			   const char *path)
{
	int saved = errno;
	enum err err = saved == ENOENT || saved == ENOTDIR ? ERR_NOT_FOUND
		       : saved == EACCES || saved == EPERM ? ERR_FORBIDDEN
							   : ERR_IO;
	const char *remedy = err == ERR_NOT_FOUND ? "; correct the path or create it"
			     : err == ERR_FORBIDDEN
				     ? "; let the user that handbox runs as read it"
				     : "";
	return fail(reader, err, place, "cannot read %s: %s%s", path, strerror(saved),
		    remedy);
}

static enum err slurp(struct reader *reader, const char *path,
		      const struct conf_place *place, struct buf *text)
{
	enum err err = ERR_OK;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fail_errno(reader, place, path);
	struct stat stat;
	if (fstat(fd, &stat) == 0 && !S_ISREG(stat.st_mode)) {
		err = fail(reader, ERR_IO, place, "%s is not a file", path);
		goto out;
	}
	while ((got = read(fd, buf_reserve(text, 16384), 16384)) > 0) {
		buf_commit(text, (size_t)got);
		reader->total_bytes += (size_t)got;
		if (reader->total_bytes > TOTAL_MOST_BYTES) {
			err = fail(reader, ERR_TOO_LARGE, place,
				   "the configuration is larger than 4 MiB");
			goto out;
		}
	}
	if (got < 0)
		err = fail_errno(reader, place, path);
out:
	close(fd);
	return err;
}

/* Kannel too takes a file once, by its name. */
static bool is_known(const struct reader *reader, const char *path)
{
	for (unsigned i = 0; i < reader->conf->file_count; i++)
		if (strcmp(reader->files[i], path) == 0)
			return true;
	return false;
}

static enum err take_file(struct reader *reader, const char *path,
			  const struct conf_place *place)
{
	if (is_known(reader, path))
		return ERR_OK;
	if (reader->conf->file_count == FILES_MOST)
		return fail(reader, ERR_TOO_LARGE, place,
			    "more than %d files are included", FILES_MOST);
	if (reader->depth == DEPTH_MOST)
		return fail(reader, ERR_TOO_LARGE, place,
			    "includes are more than %d deep", DEPTH_MOST);
	const char *kept = arena_strdup(reader->arena, path);
	struct buf text = BUF_EMPTY;
	enum err err = slurp(reader, kept, place, &text);
	if (err == ERR_OK) {
		reader->files[reader->conf->file_count++] = kept;
		reader->depth++;
		err = take_text(reader, buf_str(&text), text.len, kept);
		reader->depth--;
	}
	buf_fini(&text);
	return err;
}

static int is_file_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static enum err include_folder(struct reader *reader, const char *folder,
			       const struct conf_place *place)
{
	struct dirent **entries;
	enum err err = ERR_OK;
	int count = scandir(folder, &entries, is_file_name, alphasort);
	if (count < 0)
		return fail_errno(reader, place, folder);
	for (int i = 0; i < count; i++) {
		struct stat stat;
		const char *path = arena_printf(reader->arena, "%s/%s", folder,
						entries[i]->d_name);
		if (err == ERR_OK &&
		    (lstat(path, &stat) != 0 || !S_ISDIR(stat.st_mode)))
			err = take_file(reader, path, place);
		free(entries[i]);
	}
	free(entries);
	return err;
}

/* A relative name is looked for beside the main file first. */
static const char *locate(struct reader *reader, const char *name)
{
	const char *slash = strrchr(reader->conf->path, '/');
	if (name[0] == '/' || !slash)
		return name;
	const char *beside = arena_printf(reader->arena, "%.*s/%s",
					  (int)(slash - reader->conf->path),
					  reader->conf->path, name);
	return access(beside, F_OK) == 0 ? beside : name;
}

static enum err include(struct reader *reader, const char *name,
			const struct conf_place *place)
{
	struct stat stat;
	if (!reader->may_include)
		return fail(reader, ERR_SYNTAX, place, "include is not possible here");
	if (*name == '\0')
		return fail(reader, ERR_SYNTAX, place,
			    "include needs the name of a file or folder");
	const char *path = locate(reader, name);
	/* lstat, as Kannel does: a link to a folder counts as a file, and fails */
	if (lstat(path, &stat) != 0)
		return fail_errno(reader, place, path);
	return S_ISDIR(stat.st_mode) ? include_folder(reader, path, place)
				     : take_file(reader, path, place);
}

/* --- the door ------------------------------------------------------------ */

static struct kannel_conf *conf_new(const char *path)
{
	struct arena *arena = arena_new();
	struct kannel_conf *conf = ARENA_NEW(arena, struct kannel_conf);
	conf->arena = arena;
	conf->path = arena_strdup(arena, path);
	return conf;
}

static struct reader reader_on(struct kannel_conf *conf, bool may_include)
{
	return (struct reader){.conf = conf,
			       .arena = conf->arena,
			       .group_end = &conf->groups,
			       .may_include = may_include};
}

static enum err finish(struct reader *reader, enum err err,
		       struct kannel_conf **conf_out, char **why_out)
{
	if (err == ERR_OK) {
		*conf_out = reader->conf;
		return ERR_OK;
	}
	*why_out = reader->why;
	kannel_conf_free(&reader->conf);
	return err;
}

enum err kannel_conf_read(const char *path, struct kannel_conf **conf_out,
			  char **why_out)
{
	struct kannel_conf *conf = conf_new(path);
	struct reader reader = reader_on(conf, true);
	struct conf_place place = {conf->path, 0};
	return finish(&reader, take_file(&reader, conf->path, &place), conf_out,
		      why_out);
}

enum err kannel_conf_parse(const char *text, size_t len_bytes, const char *path,
			   bool may_include, struct kannel_conf **conf_out,
			   char **why_out)
{
	struct kannel_conf *conf = conf_new(path);
	struct reader reader = reader_on(conf, may_include);
	struct conf_place place = {conf->path, 0};
	reader.files[conf->file_count++] = conf->path;
	reader.total_bytes = len_bytes;
	enum err err = len_bytes > TOTAL_MOST_BYTES
			       ? fail(&reader, ERR_TOO_LARGE, &place,
				      "the configuration is larger than 4 MiB")
			       : take_text(&reader, text, len_bytes, conf->path);
	return finish(&reader, err, conf_out, why_out);
}

void kannel_conf_free(struct kannel_conf **conf)
{
	if (!*conf)
		return;
	struct arena *arena = (*conf)->arena;
	*conf = NULL;
	arena_free(&arena);
}

const struct conf_group *kannel_conf_next(const struct kannel_conf *conf,
					  const char *name,
					  const struct conf_group *after)
{
	const struct conf_group *group = after ? after->next : conf->groups;
	while (group && strcmp(group->name, name))
		group = group->next;
	return group;
}

const struct conf_group *kannel_conf_find(const struct kannel_conf *conf,
					  const char *name)
{
	const struct conf_group *found = NULL, *group = NULL;
	while ((group = kannel_conf_next(conf, name, group)))
		found = group;
	return found;
}

const struct conf_key *conf_find(const struct conf_group *group, const char *name)
{
	const struct conf_key *key = group ? group->keys : NULL;
	while (key && strcmp(key->name, name))
		key = key->next;
	return key;
}

const char *conf_get(const struct conf_group *group, const char *name)
{
	const struct conf_key *key = conf_find(group, name);
	return key ? key->value : NULL;
}

enum err conf_get_int(const struct conf_group *group, const char *name, long least,
		      long most, long *value_out)
{
	const char *text = conf_get(group, name);
	if (!text)
		return ERR_NOT_FOUND;
	char *end;
	errno = 0;
	long value = strtol(text, &end, 0);
	if (end == text || *end || errno || value < least || value > most)
		return ERR_INVALID;
	*value_out = value;
	return ERR_OK;
}

enum err conf_get_bool(const struct conf_group *group, const char *name,
		       bool *value_out)
{
	static const char *const words[2][4] = {{"no", "false", "off", "0"},
						{"yes", "true", "on", "1"}};
	const char *text = conf_get(group, name);
	if (!text)
		return ERR_NOT_FOUND;
	for (unsigned value = 0; value < 2; value++)
		for (unsigned i = 0; i < 4; i++)
			if (strcasecmp(text, words[value][i]) == 0) {
				*value_out = value == 1;
				return ERR_OK;
			}
	return ERR_INVALID;
}
