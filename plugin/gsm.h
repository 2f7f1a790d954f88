/* gsm.h - the GSM 03.38 alphabet, and how many texts on the air a text becomes.
 *
 * A text whose characters all lie in the default alphabet or its extension table goes out as GSM-7: 160 septets, or
 * 153 in each part when there are several; a character of the extension table ([ ] { } \ | ~ ^ €, form feed) takes
 * two, and its two septets are never parted. Any other character makes the whole text UCS-2: 70 UTF-16 units, or 67
 * in each part.
 *
 *	struct gsm_segments segments;
 *	gsm_measure("Olá!", 5, &segments);	UCS-2, 1 segment, foreign[0] is U+00E1 at byte 2
 *
 * What is counted is what Kannel sends. gw/sms.c:sms_split cuts GSM-7 greedily and takes an escape at the cut along
 * into the next part (gwlib/charset.c:charset_gsm_truncate), as 23.038 wants; UCS-2 it cuts by octets, so a
 * surrogate pair may be parted, and telephones join the parts before they decode. So there is no loss at the seam
 * of two UCS-2 parts, and a text of 67 * n units always has n. (Tried on 1.4.5 against an SMPP SMSC.) The alphabet
 * is the standard's own: Kannel would take ç for Ç and the like; here such a text is UCS-2, so that it arrives as
 * it was approved.
 *
 * Kannel splits further when its sendsms-user has a header, footer, split-chars or split-suffix, or its smsbox
 * another sms-length: kannel_setup.h warns of those.
 *
 * Pure; any thread. Ref: 3GPP TS 23.038 6.2.1, TS 23.040 9.2.3.24.1
 */
#ifndef HB_PLUGIN_GSM_H
#define HB_PLUGIN_GSM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum gsm_encoding { GSM_7BIT, GSM_UCS2 };

enum {
	GSM_7BIT_SINGLE = 160, /* septets in a text of one part */
	GSM_7BIT_PART = 153,   /* septets in each of several */
	GSM_UCS2_SINGLE = 70,  /* UTF-16 units */
	GSM_UCS2_PART = 67,
	GSM_FOREIGN_MOST = 16, /* distinct characters that are named */
};

/* A character outside the alphabet, and where it first stands. */
struct gsm_foreign {
	uint32_t code_point;
	size_t at_bytes; /* from the start of the text */
};

struct gsm_segments {
	enum gsm_encoding encoding;
	unsigned count;         /* segments; 0 for an empty text */
	unsigned units;         /* septets with the escapes, or UTF-16 units */
	unsigned left;          /* units still free in the last segment */
	unsigned foreign_count; /* of foreign[], in order of appearance; 0 for GSM-7 */
	struct gsm_foreign foreign[GSM_FOREIGN_MOST];
};

/* gsm_measure - text is UTF-8, checked at the door; a broken byte would count as U+FFFD. */
void gsm_measure(const char *text, size_t len_bytes, struct gsm_segments *segments_out);

/* gsm_encoding_name - "GSM-7" or "UCS-2", as in the API. */
const char *gsm_encoding_name(enum gsm_encoding encoding);

/* gsm_septets - how many septets a character takes: 1, 2 (extension table), or 0 when the alphabet has it not. */
unsigned gsm_septets(uint32_t code_point);

/* gsm_encode - appends a text as unpacked septets, one to a byte. ERR_INVALID: a character is foreign (septets_out
 * has what stands before it). */
enum err gsm_encode(const char *text, size_t len_bytes,
		    struct buf *septets_out) MUST_CHECK;

/* gsm_decode - appends unpacked septets as UTF-8. As 6.2.1.1 wants: an escape before a code without meaning there
 * shows the character of the default alphabet; a lone escape at the end shows a space. Bytes above 127 give U+FFFD. */
void gsm_decode(const char *septets, size_t len_bytes, struct buf *utf8_out);

#endif
