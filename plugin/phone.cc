/* phone.cc - see phone.h. The only C++ here: a shim over libphonenumber, so that nothing else sees the library. */
#include "plugin/phone.h"

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <phonenumbers/phonenumberutil.h>

extern "C" {
#include "plugin/phone_plan.h"
}

namespace
{
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

enum { E164_DIGITS_MOST = 15, SHORT_CODE_MOST = 6 };

PRINTF_LIKE(2, 3) void refuse(struct phone_check *out, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(out->reason, sizeof(out->reason), fmt, args);
	va_end(args);
	out->verdict = PHONE_INVALID;
}

/* GetInstance builds the tables at its first call, guarded by the library's own once. */
PhoneNumberUtil &library()
{
	return *PhoneNumberUtil::GetInstance();
}

enum phone_type type_of(PhoneNumberUtil::PhoneNumberType type)
{
	switch (type) {
	case PhoneNumberUtil::MOBILE:
		return PHONE_TYPE_MOBILE;
	case PhoneNumberUtil::FIXED_LINE:
		return PHONE_TYPE_FIXED_LINE;
	case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
		return PHONE_TYPE_FIXED_LINE_OR_MOBILE;
	case PhoneNumberUtil::VOIP:
		return PHONE_TYPE_VOIP;
	case PhoneNumberUtil::TOLL_FREE:
		return PHONE_TYPE_TOLL_FREE;
	case PhoneNumberUtil::PREMIUM_RATE:
		return PHONE_TYPE_PREMIUM_RATE;
	case PhoneNumberUtil::SHARED_COST:
		return PHONE_TYPE_SHARED_COST;
	case PhoneNumberUtil::PERSONAL_NUMBER:
		return PHONE_TYPE_PERSONAL;
	case PhoneNumberUtil::PAGER:
		return PHONE_TYPE_PAGER;
	case PhoneNumberUtil::UAN:
		return PHONE_TYPE_UAN;
	case PhoneNumberUtil::VOICEMAIL:
		return PHONE_TYPE_VOICEMAIL;
	default:
		return PHONE_TYPE_UNKNOWN;
	}
}

/* What of the length is wrong, in words; NULL when nothing is. */
const char *length_fault(PhoneNumberUtil::ValidationResult result)
{
	switch (result) {
	case PhoneNumberUtil::IS_POSSIBLE:
		return nullptr;
	case PhoneNumberUtil::TOO_SHORT:
		return "has too few digits";
	case PhoneNumberUtil::TOO_LONG:
		return "has too many digits";
	case PhoneNumberUtil::INVALID_COUNTRY_CODE:
		return "begins with a country code that does not exist";
	case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
		return "lacks its area code";
	default:
		return "has a length that no number there has";
	}
}

/* region or nullptr, when it is none that the library knows. */
const char *known(const char *region)
{
	return region && *region && phone_region_is_known(region) ? region : nullptr;
}

enum parse_result { PARSED, NEEDS_REGION, BAD_COUNTRY, UNPARSABLE };

/* dialled: digits, perhaps behind "+". */
enum parse_result parse(const std::string &dialled, const char *region,
			PhoneNumber *number)
{
	switch (library().Parse(dialled, region ? region : "ZZ", number)) {
	case PhoneNumberUtil::NO_PARSING_ERROR:
		return PARSED;
	case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
		return dialled[0] == '+' ? BAD_COUNTRY : NEEDS_REGION;
	default:
		return UNPARSABLE;
	}
}

/* The number as E.164 into out, or a refusal. The operator's plan does not need the library to know the country. */
bool to_e164(const std::string &dialled, const char *region, PhoneNumber *number,
	     struct phone_check *out)
{
	std::string e164;
	enum parse_result result = parse(dialled, region, number);
	if (result == PARSED) {
		library().Format(*number, PhoneNumberUtil::E164, &e164);
	} else if (result == NEEDS_REGION) {
		refuse(out, "It is not known which country the number belongs to; "
			    "write it with + and the country code");
		return false;
	} else if (result == BAD_COUNTRY && dialled.size() > 4 &&
		   dialled.size() <= E164_DIGITS_MOST + 1) {
		e164 = dialled;
	} else {
		refuse(out, "This is not a telephone number; write + , the country "
			    "code and the number");
		return false;
	}
	if (e164.size() > E164_DIGITS_MOST + 1) {
		refuse(out, "The number has more than 15 digits; remove what does not "
			    "belong to it");
		return false;
	}
	snprintf(out->e164, sizeof(out->e164), "%s", e164.c_str());
	return true;
}

void judge_by_library(const PhoneNumber &number, const char *dialled_region,
		      struct phone_check *out)
{
	const char *fault = length_fault(library().IsPossibleNumberWithReason(number));
	std::string region;
	library().GetRegionCodeForNumber(number, &region);
	if (region != "ZZ")
		snprintf(out->region, sizeof(out->region), "%s", region.c_str());
	if (fault) {
		refuse(out, "%s %s; compare it with its source", out->e164, fault);
		out->e164[0] = '\0';
		return;
	}
	/* valid is what has a type: asking IsValidNumber would find it out again */
	PhoneNumberUtil::PhoneNumberType type = library().GetNumberType(number);
	out->type = type_of(type);
	if (type != PhoneNumberUtil::UNKNOWN) {
		out->verdict = PHONE_VALID;
		return;
	}
	out->verdict = PHONE_POSSIBLE;
	snprintf(out->reason, sizeof(out->reason),
		 "%s has a possible length, but its range is not known to be in "
		 "use%s%s; if it is, a number-plan group says so",
		 out->e164, dialled_region ? " in " : "",
		 dialled_region ? dialled_region : "");
}

/* The operator's plan, when it speaks of this number. */
bool judge_by_plan(const struct phone_rules *rules, const PhoneNumber *number,
		   struct phone_check *out)
{
	struct phone_ruling ruling;
	if (!phone_plan_rule(rules, out->e164, &ruling))
		return false;
	out->by_plan = true;
	out->type = ruling.type;
	std::string region;
	library().GetRegionCodeForCountryCode(number->country_code(), &region);
	if (region != "ZZ" && region != "001")
		snprintf(out->region, sizeof(out->region), "%s", region.c_str());
	if (ruling.fits) {
		out->verdict = PHONE_VALID;
		return true;
	}
	refuse(out,
	       "%s has %u digits after %s where the operator's number-plan has %s; "
	       "compare it with its source",
	       out->e164, ruling.digits, ruling.prefix, ruling.lengths);
	out->e164[0] = '\0';
	return true;
}
} /* namespace */

void phone_check(const struct phone_rules *rules, const char *raw,
		 const char *default_region, struct phone_check *out)
{
	memset(out, 0, sizeof(*out));
	char dialled[PHONE_RAW_MOST + 2];
	if (!phone_clean(raw, dialled, sizeof(dialled), out->reason,
			 sizeof(out->reason)))
		return;
	const char *region = known(default_region);
	size_t digits = strlen(dialled);
	if (dialled[0] != '+' && digits <= SHORT_CODE_MOST)
		return refuse(out,
			      "%s is too short to be a telephone number: a short code "
			      "cannot get a text of ours",
			      dialled);
	std::string number_text = dialled;
	if (!region && strncmp(dialled, "00", 2) == 0)
		number_text = "+" + number_text.substr(2);
	PhoneNumber number;
	if (!to_e164(number_text, region, &number, out))
		return;
	if (judge_by_plan(rules, &number, out))
		return;
	if (number.country_code() == 0) {
		refuse(out,
		       "%s begins with a country code that does not exist; compare it "
		       "with its source",
		       out->e164);
		out->e164[0] = '\0';
		return;
	}
	judge_by_library(number, number_text[0] == '+' ? nullptr : region, out);
}

/* The number without the library's parser, which takes most of the time; false when it is not so simple. */
static bool split_kept(const char *e164, const char *region, PhoneNumber *number)
{
	if (!known(region) || e164[0] != '+')
		return false;
	int country = library().GetCountryCodeForRegion(region);
	std::string code = "+" + std::to_string(country);
	if (strncmp(e164, code.c_str(), code.size()) != 0)
		return false;
	const char *national = e164 + code.size();
	if (*national == '0' || !*national)
		return false; /* a leading zero may belong to the number */
	number->set_country_code(country);
	number->set_national_number(strtoull(national, nullptr, 10));
	return true;
}

enum phone_verdict phone_check_kept(const struct phone_rules *rules, const char *e164,
				    const char *region)
{
	PhoneNumber number;
	struct phone_ruling ruling;
	struct phone_check check;
	if (!phone_plan_rule(rules, e164, &ruling) &&
	    split_kept(e164, region, &number) &&
	    library().GetNumberType(number) != PhoneNumberUtil::UNKNOWN)
		return PHONE_VALID;
	phone_check(rules, e164, nullptr, &check);
	return check.verdict;
}

/* In national form the digits alone could also be a foreign number without its "+": whichever is valid, the country's own
 * first; when neither is, the address stays a number only if it is long enough to be international. */
static bool resolve_bare(const char *digits, const char *region,
			 char e164_out[PHONE_E164_LEN])
{
	struct phone_check national, international;
	std::string plus = std::string("+") + digits;
	phone_check(nullptr, plus.c_str(), nullptr, &international);
	if (region) {
		phone_check(nullptr, digits, region, &national);
		if (national.verdict == PHONE_VALID ||
		    (national.verdict > international.verdict && digits[0] == '0')) {
			snprintf(e164_out, PHONE_E164_LEN, "%s", national.e164);
			return true;
		}
	}
	if (international.verdict == PHONE_INVALID && strlen(digits) < 10)
		return false;
	snprintf(e164_out, PHONE_E164_LEN, "+%.15s", digits);
	return true;
}

bool phone_from_gateway(const char *address, const char *default_region,
			char e164_out[PHONE_E164_LEN])
{
	char dialled[PHONE_RAW_MOST + 2], why[PHONE_REASON_LEN];
	snprintf(e164_out, PHONE_E164_LEN, "%s", address);
	if (strlen(address) >= PHONE_E164_LEN ||
	    !phone_clean(address, dialled, sizeof(dialled), why, sizeof(why)))
		return false;
	size_t digits = strlen(dialled);
	const char *region = known(default_region);
	if (dialled[0] == '+' || strncmp(dialled, "00", 2) == 0) {
		const char *bare = dialled + (dialled[0] == '+' ? 1 : 2);
		size_t len = strlen(bare);
		if (len <= SHORT_CODE_MOST || len > E164_DIGITS_MOST || bare[0] == '0')
			return false;
		snprintf(e164_out, PHONE_E164_LEN, "+%.15s", bare);
		return true;
	}
	if (digits <= SHORT_CODE_MOST || digits > E164_DIGITS_MOST)
		return false;
	return resolve_bare(dialled, region, e164_out);
}

bool phone_region_is_known(const char *region)
{
	return region && strlen(region) == 2 &&
	       library().GetCountryCodeForRegion(region) != 0;
}
