#include "pipeline/postprocess/digits.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "pipeline/postprocess/alphanumeric.h"
#include "transcript/text.h"

namespace steno::postprocess {
namespace {

constexpr int kMostSeparators = 3;
constexpr std::u32string_view kSeparators = U" \u00A0\u3000.,-–—‑/()、，．";

constexpr std::array<std::pair<std::string_view, int>, 11> kWords = {{{"zero", 0},
                                                                      {"oh", 0},
                                                                      {"one", 1},
                                                                      {"two", 2},
                                                                      {"three", 3},
                                                                      {"four", 4},
                                                                      {"five", 5},
                                                                      {"six", 6},
                                                                      {"seven", 7},
                                                                      {"eight", 8},
                                                                      {"nine", 9}}};

/// The lower-case ASCII letters from `at` on.
std::string word_at(const std::string& text, std::size_t at) {
  std::string word;
  for (; at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0; ++at) {
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at])));
  }
  return word;
}

class Reader {
 public:
  Reader(const std::string& text, DigitWords words) : text_(text), words_(words) {}

  std::vector<DigitRun> read() {
    while (at_ < text_.size()) {
      if (words_ == DigitWords::english && starts_word() && take_word()) continue;
      take_character();
    }
    finish();
    return std::move(runs_);
  }

 private:
  bool starts_word() const {
    const auto is_letter_at = [this](std::size_t at) {
      return std::isalpha(static_cast<unsigned char>(text_[at])) != 0;
    };
    return is_letter_at(at_) && (at_ == 0 || !is_letter_at(at_ - 1));
  }

  /// Reads "four", or "double", which repeats the next digit.
  bool take_word() {
    const std::string word = word_at(text_, at_);
    const std::size_t begin = std::exchange(at_, at_ + word.size());
    if (word == "double" || word == "triple") {
      repeat_ = word == "double" ? 2 : 3;
      repeat_begin_ = begin;
      gap_before_repeat_ = std::exchange(gap_, "");
      return true;
    }
    const auto found = std::ranges::find(kWords, word, &std::pair<std::string_view, int>::first);
    if (found != kWords.end()) {
      if (gap_.empty() && !run_.empty()) gap_ = " ";
      add(found->second, begin);
      return true;
    }
    finish();
    return true;
  }

  void take_character() {
    const std::size_t begin = at_;
    const char32_t point = text::next_code_point(text_, at_);
    if (const auto value = digit_value(point)) {
      add(*value, begin);
    } else if (kSeparators.find(point) != std::u32string_view::npos &&
               text::length(gap_) < kMostSeparators) {
      gap_.append(text_, begin, at_ - begin);
    } else {
      finish();
    }
  }

  void add(int value, std::size_t begin) {
    if (repeat_ > 0) {
      begin = repeat_begin_;
      gap_ = gap_before_repeat_;
    }
    for (int i = std::max(1, std::exchange(repeat_, 0)); i > 0; --i) {
      run_.push_back({value, begin, at_, run_.empty() ? " " : gap_});
    }
    gap_.clear();
  }

  void finish() {
    if (!run_.empty()) runs_.push_back(std::exchange(run_, {}));
    gap_.clear();
    repeat_ = 0;
  }

  const std::string& text_;
  const DigitWords words_;
  std::size_t at_ = 0;
  std::string gap_;
  int repeat_ = 0;
  std::size_t repeat_begin_ = 0;
  std::string gap_before_repeat_;
  DigitRun run_;
  std::vector<DigitRun> runs_;
};

}  // namespace

std::vector<DigitRun> digit_runs(const std::string& text, DigitWords words) {
  return Reader(text, words).read();
}

}  // namespace steno::postprocess
