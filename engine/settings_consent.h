/* settings_consent.h - where the words of consent_words.h come from: a folder with a file NAME.txt for each language.
 *
 * Without a folder of its own in handbox.conf the one that was installed is read, and the same lists as carried in the
 * program when that is not there: nobody's STOP goes unheard because a file is missing.
 */
#ifndef HB_SETTINGS_CONSENT_H
#define HB_SETTINGS_CONSENT_H

#include "base/buf.h"
#include "base/err.h"
#include "model/consent_words.h"

#define CONSENT_FOLDER PKGDATADIR "/consent"

/* settings_consent_read - folder NULL: see above; languages: NULL-terminated names without ".txt", or NULL for every file
 * there. ERR_INVALID: a sentence with file and line is added to why: a file that cannot be read or is wrong, a folder
 * without files, lists without a stop word. The caller frees words_out. */
enum err settings_consent_read(const char *folder, const char *const *languages,
			       struct consent_words **words_out,
			       struct buf *why) MUST_CHECK;

/* settings_consent_carried - the lists in the program, one after the other: their name and text; NULL beyond the last. */
const char *settings_consent_carried(unsigned index, const char **text_out);

#endif
