#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <span>
#include <string_view>

#include "pipeline/postprocess/alphanumeric.h"
#include "pipeline/postprocess/private_numbers.h"
#include "transcript/text.h"

namespace steno::postprocess {
namespace {

/// A letter or digit and the text before it.
struct Sign {
  char value = 0;  // A to Z, 0 to 9
  std::size_t begin = 0;
  std::size_t end = 0;
  int separators = 0;
};

struct Country {
  std::string_view code;
  std::size_t length;
};

// From the registry of ISO 13616.
constexpr std::array<Country, 88> kCountries = {
    {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16},
     {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22},
     {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20},
     {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22},
     {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21},
     {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30},
     {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
     {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
     {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23},
     {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
     {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24},
     {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26},
     {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}}};

constexpr int kMostIbanSeparators = 3;
constexpr std::u32string_view kIbanSeparators = U" \u00A0.,-–";

char sign_of(char32_t point) {
  if (const auto digit = digit_value(point)) return static_cast<char>('0' + *digit);
  if (point >= 0x80) return 0;
  const int upper = std::toupper(static_cast<int>(point));
  return upper >= 'A' && upper <= 'Z' ? static_cast<char>(upper) : '\0';
}

std::vector<Sign> signs_of(const std::string& text) {
  std::vector<Sign> signs;
  int separators = kMostIbanSeparators + 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t point = text::next_code_point(text, at);
    if (const char value = sign_of(point)) {
      signs.push_back({value, begin, at, separators});
      separators = 0;
    } else {
      const bool separates = kIbanSeparators.find(point) != std::u32string_view::npos;
      separators = separates ? separators + 1 : kMostIbanSeparators + 1;
    }
  }
  return signs;
}

bool is_digit(const Sign& sign) { return sign.value >= '0' && sign.value <= '9'; }

/// ISO 7064 mod 97-10, the first four signs read last, letters as 10 to 35.
bool has_check_digits(std::span<const Sign> signs) {
  int rest = 0;
  for (std::size_t i = 0; i < signs.size(); ++i) {
    const Sign& sign = signs[(i + 4) % signs.size()];
    const int value = is_digit(sign) ? sign.value - '0' : sign.value - 'A' + 10;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest == 1;
}

/// How many of the signs are an IBAN; 0: none.
std::size_t iban_length(std::span<const Sign> signs) {
  constexpr std::size_t kShortest = 15;
  if (signs.size() < kShortest || !is_digit(signs[2]) || !is_digit(signs[3])) return 0;
  const std::array<char, 2> code = {signs[0].value, signs[1].value};
  const auto country =
      std::ranges::find(kCountries, std::string_view(code.data(), code.size()), &Country::code);
  if (country == kCountries.end() || country->length > signs.size()) return 0;
  const auto iban = signs.first(country->length);
  const auto is_near = [](const Sign& sign) { return sign.separators <= kMostIbanSeparators; };
  const bool is_one = std::ranges::all_of(iban.subspan(1), is_near);
  return is_one && has_check_digits(iban) ? iban.size() : 0;
}

}  // namespace

std::vector<Edit> find_ibans(const std::string& text) {
  const std::vector<Sign> signs = signs_of(text);
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < signs.size();) {
    const std::size_t length = iban_length(std::span(signs).subspan(i));
    if (length > 0) edits.push_back({signs[i].begin, signs[i + length - 1].end, "[IBAN]"});
    i += std::max<std::size_t>(length, 1);
  }
  return edits;
}

}  // namespace steno::postprocess
