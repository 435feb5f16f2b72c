#pragma once

#include <vector>

#include "options/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// The transcript with what must not stand in it replaced by [CARD], [IBAN], [EMAIL], [PHONE],
/// [NUMBER], also where it spans words or segments. All segments lose their tokens, which are text
/// too; a segment whose words are not its text loses them. What is found:
///
/// - card: 13 to 19 digits that Luhn's sum and the first digit fit, in groups of any size with at
///   most three spaces, points, commas, dashes or slashes between;
/// - iban: of any country, with its length and check digits (mod 97), grouped or not;
/// - email: name@host, spaces beside the @ too; in English also "name at host dot com";
/// - phone: 9 to 15 digits in groups, 7 to 15 behind + or from 0 on, 3-4; not dates, years, and
///   numbers with thousands' commas;
/// - number: every run of digits; in English three number words or more in a row.
///
/// Digits are those of any script; in English also single digits as words ("four one double two").
Transcript redacted(Transcript transcript, const std::vector<Redaction>& kinds);

}  // namespace steno::postprocess
