/* contact_check.c - what may stand in a contact. See contacts.h */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "core/contacts.h"
#include "plugin/phone.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

/* ISO 3166-1 alpha-2, as assigned */
static const char countries[] = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB "
				"BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
				"BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX "
				"CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
				"FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
				"GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
				"IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA "
				"LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
				"ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE "
				"NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
				"PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG "
				"SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
				"TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY "
				"UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

bool country_is_known(const char *code)
{
	if (strlen(code) != 2 || strchr(code, ' '))
		return false;
	return strstr(countries, code) != NULL || phone_region_is_known(code);
}

/* Segments of letters, digits, _ + and -, so that the name cannot lead out of the
 * folder. */
static bool is_zone_name(const char *name)
{
	static const char *const not_zones[] = {"posix", "right", "posixrules",
						"localtime", "Factory"};
	if (strlen(name) > CONTACT_TIMEZONE_CHARS)
		return false;
	size_t first_len = strcspn(name, "/");
	for (size_t i = 0; i < sizeof(not_zones) / sizeof(*not_zones); i++)
		if (strlen(not_zones[i]) == first_len &&
		    strncmp(name, not_zones[i], first_len) == 0)
			return false;
	for (;;) {
		size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
					  "stuvwxyz0123456789_+-");
		if (len == 0)
			return false;
		name += len;
		if (*name == '\0')
			return true;
		if (*name++ != '/')
			return false;
	}
}

bool timezone_is_known(const char *name)
{
	char path[sizeof(ZONE_FOLDER) + CONTACT_TIMEZONE_CHARS], magic[4];
	if (!is_zone_name(name))
		return false;
	snprintf(path, sizeof(path), "%s%s", ZONE_FOLDER, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	bool is_zone = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
		       memcmp(magic, "TZif", 4) == 0;
	close(fd);
	return is_zone;
}

/* One label of a domain: letters, digits, inner hyphens; beyond ASCII it is left to
 * whoever resolves it. */
static bool is_label(const char *label, size_t len)
{
	if (len == 0 || len > 63 || label[0] == '-' || label[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)label[i];
		if (c < 0x80 && c != '-' && !(c >= '0' && c <= '9') &&
		    !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
			return false;
	}
	return true;
}

static bool is_domain(const char *domain)
{
	unsigned labels = 0;
	for (;; labels++) {
		size_t len = strcspn(domain, ".");
		if (!is_label(domain, len))
			return false;
		if (domain[len] == '\0')
			return labels > 0;
		domain += len + 1;
	}
}

bool email_is_plausible(const char *address)
{
	const char *at = strchr(address, '@');
	size_t local = at ? (size_t)(at - address) : 0;
	if (local == 0 || local > 64 || strlen(address) > CONTACT_EMAIL_CHARS)
		return false;
	if (strcspn(address, " \t\r\n\"(),:;<>[\\]") != strlen(address))
		return false;
	if (address[0] == '.' || at[-1] == '.' ||
	    (strstr(address, "..") && strstr(address, "..") < at))
		return false;
	return is_domain(at + 1);
}

static bool is_country(const char *text)
{
	return country_is_known(text);
}

/* The texts of a contact, their limits, and what else they must be. */
static const struct text_rule {
	enum contact_member bit;
	const char *member;
	size_t offset, chars_most;
	bool (*accepts)(const char *text);
	const char *wants;
} text_rules[] = {
	{CONTACT_EXTERNAL_ID, "external_id", offsetof(struct contact_in, external_id),
	 CONTACT_EXTERNAL_ID_CHARS, NULL, NULL},
	{CONTACT_FIRST_NAME, "first_name", offsetof(struct contact_in, first_name),
	 CONTACT_NAME_CHARS, NULL, NULL},
	{CONTACT_LAST_NAME, "last_name", offsetof(struct contact_in, last_name),
	 CONTACT_NAME_CHARS, NULL, NULL},
	{CONTACT_PHONE, "phone", offsetof(struct contact_in, phone),
	 CONTACT_PHONE_CHARS, NULL, NULL},
	{CONTACT_EMAIL, "email", offsetof(struct contact_in, email),
	 CONTACT_EMAIL_CHARS, email_is_plausible,
	 "is not one address; write it as name@example.com, without a display name"},
	{CONTACT_COUNTRY, "country", offsetof(struct contact_in, country),
	 CONTACT_NAME_CHARS, is_country,
	 "is not a country; use its two letters in ISO 3166, as PT"},
	{CONTACT_TIMEZONE, "timezone", offsetof(struct contact_in, timezone),
	 CONTACT_NAME_CHARS, timezone_is_known,
	 "is not a time zone known here; use an IANA name, as Europe/Lisbon"},
};

static bool is_blank_sign(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A copy without blanks around it. */
static char *trim(struct arena *arena, const char *text)
{
	size_t len = strlen(text);
	while (len > 0 && is_blank_sign(*text))
		text++, len--;
	while (len > 0 && is_blank_sign(text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

enum text_fault { TEXT_FINE, TEXT_CONTROL, TEXT_LONG };

/* One line: no control characters, at most chars_most characters. lines_ok: tab and
 * line ends are fine. */
static enum text_fault text_fault(const char *text, size_t chars_most, bool lines_ok)
{
	const char *end = text + strlen(text);
	size_t chars = 0;
	for (uint32_t c; (c = utf8_next(&text, end)) != UTF8_END; chars++) {
		if (c == UTF8_BAD || c == 0x7f || (c >= 0x80 && c < 0xa0))
			return TEXT_CONTROL;
		if (c < 0x20 && !(lines_ok && (c == '\n' || c == '\r' || c == '\t')))
			return TEXT_CONTROL;
	}
	return chars > chars_most ? TEXT_LONG : TEXT_FINE;
}

static enum err refuse_fault(struct call *call, enum text_fault fault,
			     const char *member, size_t chars_most)
{
	if (fault == TEXT_LONG)
		return call_refuse_member(call, ERR_INVALID, member,
					  "%s is longer than %zu characters.", member,
					  chars_most);
	return call_refuse_member(call, ERR_INVALID, member,
				  "%s has a control character in it.", member);
}

static void to_capitals(char *text)
{
	for (; *text; text++)
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 32);
}

static enum err check_text(struct call *call, const struct text_rule *rule,
			   const char **text)
{
	if (!*text)
		return ERR_OK;
	char *trimmed = trim(call->arena, *text);
	*text = *trimmed ? trimmed : NULL;
	if (!*text)
		return ERR_OK;
	enum text_fault fault = text_fault(trimmed, rule->chars_most, false);
	if (fault != TEXT_FINE)
		return refuse_fault(call, fault, rule->member, rule->chars_most);
	if (rule->bit == CONTACT_COUNTRY)
		to_capitals(trimmed);
	if (rule->accepts && !rule->accepts(trimmed))
		return call_refuse_member(call, ERR_INVALID, rule->member, "%s %s.",
					  trimmed, rule->wants);
	return ERR_OK;
}

enum err contact_check_tag(struct call *call, const char *tag, const char *member,
			   const char **tag_out)
{
	char *trimmed = trim(call->arena, tag);
	if (!*trimmed)
		return call_refuse_member(call, ERR_INVALID, member,
					  "A tag has at least one character.");
	enum text_fault fault = text_fault(trimmed, CONTACT_TAG_CHARS, false);
	if (fault != TEXT_FINE)
		return refuse_fault(call, fault, member, CONTACT_TAG_CHARS);
	*tag_out = trimmed;
	return ERR_OK;
}

static enum err check_tags(struct call *call, struct contact_in *in)
{
	if (in->tag_count > CONTACT_TAGS_MOST)
		return call_refuse_member(call, ERR_INVALID, "tags",
					  "A contact has at most %d tags.",
					  CONTACT_TAGS_MOST);
	const char **tags = ARENA_ARRAY(call->arena, const char *, in->tag_count + 1);
	for (size_t i = 0; i < in->tag_count; i++) {
		const char *member = arena_printf(call->arena, "tags[%zu]", i);
		enum err err = contact_check_tag(call, in->tags[i], member, &tags[i]);
		if (err != ERR_OK)
			return err;
	}
	in->tags = tags;
	return ERR_OK;
}

static bool is_field_name(const char *name)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
	enum { FIRSTS = 53 }; /* letters and _ */
	size_t len = strlen(name);
	return len >= 1 && len <= CONTACT_FIELD_NAME_CHARS &&
	       strspn(name, letters) == len && memchr(letters, name[0], FIRSTS) != NULL;
}

static enum err check_fields(struct call *call, const struct contact_in *in)
{
	for (size_t i = 0; i < in->field_count; i++) {
		const struct contact_field *field = &in->fields[i];
		if (!is_field_name(field->name))
			return call_refuse_member(call, ERR_INVALID, "custom",
						  "\"%.80s\" cannot be the name of a "
						  "field: letters, digits, _ and -, a "
						  "letter or _ first, at most %d.",
						  field->name,
						  CONTACT_FIELD_NAME_CHARS);
		if (!field->value)
			continue;
		const char *member =
			arena_printf(call->arena, "custom.%s", field->name);
		enum text_fault fault =
			text_fault(field->value, CONTACT_FIELD_CHARS, true);
		if (fault != TEXT_FINE)
			return refuse_fault(call, fault, member, CONTACT_FIELD_CHARS);
	}
	return ERR_OK;
}

enum err contact_check(struct call *call, struct contact_in *in)
{
	for (size_t i = 0; i < sizeof(text_rules) / sizeof(*text_rules); i++) {
		const struct text_rule *rule = &text_rules[i];
		if (!(in->given & rule->bit))
			continue;
		enum err err = check_text(
			call, rule, (const char **)(void *)((char *)in + rule->offset));
		if (err != ERR_OK)
			return err;
	}
	if ((in->given & CONTACT_OWNER) && in->owner.kind == WHO_TEAM)
		return call_refuse_member(
			call, ERR_INVALID, "owner",
			"The owner of a contact is one person; name a user, or null.");
	enum err err = in->given & CONTACT_TAGS ? check_tags(call, in) : ERR_OK;
	if (err == ERR_OK && (in->given & CONTACT_FIELDS))
		err = check_fields(call, in);
	return err;
}
