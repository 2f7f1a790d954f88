/* settings_consent.c - see settings_consent.h */
#include "settings_consent.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/consent_txt.h"

enum { FILE_MOST = 256 * 1024 };

static const struct {
	const char *name, *text;
} carried[] = {
	{"de", de_txt}, {"en", en_txt}, {"es", es_txt}, {"fr", fr_txt},
	{"it", it_txt}, {"nl", nl_txt}, {"pt", pt_txt},
};
enum { CARRIED = sizeof(carried) / sizeof(carried[0]) };

const char *settings_consent_carried(unsigned index, const char **text_out)
{
	if (index >= CARRIED)
		return NULL;
	*text_out = carried[index].text;
	return carried[index].name;
}

static enum err add(struct consent_words *words, const char *path, const char *bytes,
		    size_t len, struct buf *why)
{
	struct buf detail = BUF_EMPTY;
	enum err err = consent_words_add(words, bytes, len, &detail);
	if (err != ERR_OK)
		buf_printf(why, "%s: %s.", path, buf_str(&detail));
	buf_fini(&detail);
	return err == ERR_OK ? ERR_OK : ERR_INVALID;
}

static enum err add_file(struct consent_words *words, const char *path, struct buf *why)
{
	struct buf bytes = BUF_EMPTY;
	FILE *file = fopen(path, "re");
	size_t got = 1;
	while (file && got > 0 && bytes.len <= FILE_MOST) {
		got = fread(buf_reserve(&bytes, 8192), 1, 8192, file);
		buf_commit(&bytes, got);
	}
	bool is_read = file && !ferror(file) && bytes.len <= FILE_MOST;
	enum err err = ERR_INVALID;
	if (is_read)
		err = add(words, path, buf_str(&bytes), bytes.len, why);
	else if (bytes.len > FILE_MOST)
		buf_printf(why, "%s: a list of words has at most 256 KiB.", path);
	else
		buf_printf(why, "%s: cannot be read: %s.", path, strerror(errno));
	if (file)
		fclose(file);
	buf_fini(&bytes);
	return err;
}

static enum err add_languages(struct consent_words *words, const char *folder,
			      const char *const *languages, struct buf *why)
{
	enum err err = ERR_OK;
	for (; err == ERR_OK && *languages; languages++) {
		struct buf path = BUF_EMPTY;
		buf_printf(&path, "%s/%s.txt", folder, *languages);
		err = add_file(words, buf_str(&path), why);
		buf_fini(&path);
	}
	return err;
}

static enum err add_folder(struct consent_words *words, const char *folder,
			   struct buf *why)
{
	glob_t found = {0};
	struct buf pattern = BUF_EMPTY;
	enum err err = ERR_OK;
	buf_printf(&pattern, "%s/*.txt", folder);
	int rc = glob(buf_str(&pattern), 0, NULL, &found);
	if (rc != 0) {
		buf_printf(why, "%s: there is no list of words (*.txt) in that folder.",
			   folder);
		err = ERR_INVALID;
	}
	for (size_t i = 0; err == ERR_OK && i < found.gl_pathc; i++)
		err = add_file(words, found.gl_pathv[i], why);
	globfree(&found);
	buf_fini(&pattern);
	return err;
}

static enum err add_carried(struct consent_words *words, const char *language,
			    struct buf *why)
{
	enum err err = ERR_OK;
	bool is_found = false;
	for (unsigned i = 0; err == ERR_OK && i < CARRIED; i++) {
		if (language && strcmp(language, carried[i].name) != 0)
			continue;
		is_found = true;
		err = add(words, carried[i].name, carried[i].text,
			  strlen(carried[i].text), why);
	}
	if (is_found)
		return err;
	buf_printf(why, "there is no list of words for the language \"%s\".", language);
	return ERR_INVALID;
}

static enum err add_all_carried(struct consent_words *words,
				const char *const *languages, struct buf *why)
{
	enum err err = languages ? ERR_OK : add_carried(words, NULL, why);
	for (; err == ERR_OK && languages && *languages; languages++)
		err = add_carried(words, *languages, why);
	return err;
}

enum err settings_consent_read(const char *folder, const char *const *languages,
			       struct consent_words **words_out, struct buf *why)
{
	struct consent_words *words = consent_words_new();
	enum err err;
	if (!folder && access(CONSENT_FOLDER, R_OK) == 0)
		folder = CONSENT_FOLDER;
	if (!folder)
		err = add_all_carried(words, languages, why);
	else if (languages)
		err = add_languages(words, folder, languages, why);
	else
		err = add_folder(words, folder, why);
	if (err == ERR_OK && !consent_words_count(words, CONSENT_STOP)) {
		buf_printf(why, "the lists of words have nothing under [stop]: nobody "
				"could opt out.");
		err = ERR_INVALID;
	}
	if (err != ERR_OK)
		consent_words_free(&words);
	*words_out = words;
	return err;
}
