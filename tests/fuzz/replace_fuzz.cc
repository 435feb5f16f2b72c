// Any rule over any words must be refused with a reason, or give a transcript with consistent
// words, text and ordered times, without card numbers if redacted. Must not crash.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/transcribe/replace_options.h"
#include "pipeline/postprocess/postprocess.h"
#include "transcript/text.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

/// One word up to each space, one segment per line.
steno::Transcript transcript_of(std::string_view text) {
  steno::Transcript transcript;
  transcript.language = "en";
  double time = 0;
  transcript.segments.emplace_back();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at + 1), text.size());
    const std::string word = steno::text::valid_utf8(text.substr(at, end - at));
    if (text[at] == '\n') transcript.segments.emplace_back();
    steno::Segment& segment = transcript.segments.back();
    segment.words.push_back({time, time + 0.5, word, 1});
    segment.text += word;
    segment.end = time += 0.5;
    at = end;
  }
  return transcript;
}

void check_words(const steno::Transcript& transcript) {
  for (const steno::Segment& segment : transcript.segments) {
    if (segment.words.empty()) continue;
    std::string joined;
    double last = 0;
    for (const steno::Word& word : segment.words) {
      joined += word.word;
      require(last <= word.start && word.start <= word.end);
      last = word.start;
    }
    require(joined == segment.text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t border = std::min(all.find('\0'), all.size());
  steno::PostOptions options;
  const auto rules = steno::app::read_rules(all.substr(0, border));
  if (rules) options.replace = *rules;
  require(rules || !rules.error().message.empty());
  const auto plain = transcript_of(all.substr(std::min(border + 1, all.size())));
  using enum steno::Redaction;
  options.utterances = options.paragraphs = true;
  options.filler_words = false;
  check_words(steno::postprocess::apply(plain, options));
  options.redact = {card, iban, email, phone, number};
  check_words(steno::postprocess::apply(plain, options));
  return 0;
}
