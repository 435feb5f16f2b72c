#pragma once

#include <string>
#include <vector>

#include "pipeline/postprocess/digits.h"
#include "pipeline/postprocess/running_text.h"

// Private to postprocess/. Each function finds one kind of private text for redacted(). It returns
// the places and their replacements, in order and without overlaps.

namespace steno::postprocess {

std::vector<Edit> find_cards(const std::string& text, DigitWords words);
std::vector<Edit> find_ibans(const std::string& text);
std::vector<Edit> find_phones(const std::string& text, DigitWords words);

}  // namespace steno::postprocess
