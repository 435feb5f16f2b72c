// Problem: private numbers are written in many ways, span words and segments, and also exist as
// tokens. Idea: first drop every other form of the text (tokens, words that do not match it) from
// all segments. Then one finder per kind works on the text of a whole channel and returns edits.
// The most specific kinds run first, so that an account number is not reported as a card.
#include "pipeline/postprocess/redact.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <utility>

#include "pipeline/postprocess/private_numbers.h"
#include "pipeline/postprocess/running_text.h"

namespace steno::postprocess {
namespace {

std::vector<Edit> edits_of(const RE2& regex, const std::string& text, const std::string& label) {
  std::vector<Edit> edits;
  re2::StringPiece found;
  for (std::size_t from = 0;
       regex.Match(text, from, text.size(), RE2::UNANCHORED, &found, 1) && !found.empty();) {
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    from = begin + found.size();
    edits.push_back({begin, from, label});
  }
  return edits;
}

std::vector<Edit> find_emails(const std::string& text) {
  static const RE2 address(R"([\pL\pN._%+\-]*[\pL\pN_%+\-]\s?@\s?(?:[\pL\pN\-]+\s?\.\s?)+\pL{2,})");
  return edits_of(address, text, "[EMAIL]");
}

std::vector<Edit> find_spoken_emails(const std::string& text) {
  static const RE2 address(
      R"((?i)\b[\pL\pN_\-]+(?:(?:\.| dot | underscore | dash )[\pL\pN_\-]+)* at )"
      R"((?:[\pL\pN\-]+(?: dot |\.))+(?:com|org|net|edu|gov|io|co|ai|info|eu|uk|de|fr|il|us|ca|au)\b)");
  return edits_of(address, text, "[EMAIL]");
}

std::vector<Edit> find_numbers(const std::string& text) {
  static const RE2 number(R"(\p{Nd}+(?:[.,:/ \x{A0}\-–]{1,2}\p{Nd}+)*)");
  return edits_of(number, text, "[NUMBER]");
}

std::vector<Edit> find_number_words(const std::string& text) {
  static const std::string word =
      "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
      "fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|"
      "ninety|hundred|thousand|million|billion|double|triple)";
  static const RE2 number("(?i)\\b" + word + "(?:[ ,.\\-]+(?:and )?" + word + "){2,}\\b");
  return edits_of(number, text, "[NUMBER]");
}

Transcript without(Redaction kind, Transcript transcript) {
  const bool is_english = transcript.language == "en";
  const auto words = is_english ? DigitWords::english : DigitWords::none;
  const auto pass = [&transcript](const auto& find) {
    transcript = edited(std::move(transcript), find);
  };
  switch (kind) {
    case Redaction::card:
      pass([words](const std::string& text) { return find_cards(text, words); });
      break;
    case Redaction::iban:
      pass(find_ibans);
      break;
    case Redaction::email:
      pass(find_emails);
      if (is_english) pass(find_spoken_emails);
      break;
    case Redaction::phone:
      pass([words](const std::string& text) { return find_phones(text, words); });
      break;
    case Redaction::number:
      pass(find_numbers);
      if (is_english) pass(find_number_words);
      break;
  }
  return transcript;
}

/// Removes the other forms of the text that could reveal it.
void forget_other_texts(Segment& segment) {
  segment.tokens.clear();
  std::string joined;
  for (const Word& word : segment.words) joined += word.word;
  if (joined != segment.text) segment.words.clear();
}

}  // namespace

Transcript redacted(Transcript transcript, const std::vector<Redaction>& kinds) {
  if (kinds.empty()) return transcript;
  for (Segment& segment : transcript.segments) forget_other_texts(segment);
  // Account numbers come before card numbers, because they may contain one. The widest kind comes
  // last.
  for (const auto kind :
       {Redaction::iban, Redaction::card, Redaction::email, Redaction::phone, Redaction::number}) {
    if (std::ranges::find(kinds, kind) != kinds.end()) {
      transcript = without(kind, std::move(transcript));
    }
  }
  return transcript;
}

}  // namespace steno::postprocess
