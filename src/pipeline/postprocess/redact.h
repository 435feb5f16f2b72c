#pragma once

#include <vector>

#include "options/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// Replaces private text by [CARD], [IBAN], [EMAIL], [PHONE] or [NUMBER], also if it spans words or
/// segments. Removes the tokens of all segments, because they are text too. A segment whose words
/// do not match its text loses its words. The kinds are:
///
/// - card: 13 to 19 digits with a valid Luhn sum and first digit, in groups of any size separated
///   by up to three spaces, points, commas, dashes or slashes;
/// - iban: of any country, with its length and check digits (mod 97), grouped or not;
/// - email: name@host, also with spaces around the @; in English also "name at host dot com";
/// - phone: 9 to 15 digits in groups, 7 to 15 after + or starting with 0, 3-4; not dates, years,
///   and numbers with thousands' commas;
/// - number: every run of digits; in English also three or more consecutive number words.
///
/// Digits of all scripts count; in English also single digits as words ("four one double two").
Transcript redacted(Transcript transcript, const std::vector<Redaction>& kinds);

}  // namespace steno::postprocess
