/* ascii_like.h - what to type instead of a character that no GSM alphabet has, so that a text stays GSM-7.
 *
 *	ascii_like(0x2019)	"'"	the quote that word processors make of an apostrophe
 *	ascii_like(0xE1)	"a"	á: of the accented letters the alphabet has only some
 *	ascii_like(0x1F600)	NULL	nothing stands for it
 *
 * It is offered to whoever writes, and never put in by itself: a person approves what goes. What it gives lies in the
 * default alphabet of GSM 03.38, all of it, and takes one septet a character. "" says that the character shows nothing
 * and can go.
 *
 * Pure; any thread.
 */
#ifndef HB_MODEL_ASCII_LIKE_H
#define HB_MODEL_ASCII_LIKE_H

#include <stdint.h>

/* ascii_like - a literal, or NULL. */
const char *ascii_like(uint32_t code_point);

/* ascii_like_name - what people call the character when they cannot see what is wrong with it ("right single quote"), or
 * NULL: a letter shows what it is. */
const char *ascii_like_name(uint32_t code_point);

#endif
