#include "transcript/json.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "transcript/languages.h"
#include "transcript/text.h"

namespace steno {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMilliseconds = 1e3;
constexpr double kMillionths = 1e6;

/// Removes digits that are only rounding errors. JSON has no NaN or infinity: null.
Json rounded(double value, double unit) {
  if (!std::isfinite(value)) return nullptr;
  return std::round(value * unit) / unit + 0.0;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text::valid_utf8(text));
}

Json object_of(const Word& word);
Json object_of(const Segment& segment);
Json object_of(const Speaker& speaker);
Json object_of(const Sentence& sentence);
Json object_of(const Passage& passage);

template <class Value>
Json list_of(const std::vector<Value>& values) {
  Json list = Json::array();
  for (const Value& value : values) list.push_back(object_of(value));
  return list;
}

Json object_of(const Word& word) {
  return {{"word", text::valid_utf8(word.word)},
          {"start", rounded(word.start, kMilliseconds)},
          {"end", rounded(word.end, kMilliseconds)},
          {"probability", rounded(word.probability, kMillionths)},
          {"speaker", text_or_null(word.speaker)}};
}

Json object_of(const Segment& segment) {
  Json object = {{"id", segment.id},
                 {"start", rounded(segment.start, kMilliseconds)},
                 {"end", rounded(segment.end, kMilliseconds)},
                 {"text", text::valid_utf8(segment.text)},
                 {"speaker", text_or_null(segment.speaker)}};
  auto& speakers = object["speakers"] = Json::array();
  for (const auto& speaker : segment.speakers) speakers.push_back(text::valid_utf8(speaker));
  if (segment.channel) object["channel"] = *segment.channel;
  object["words"] = list_of(segment.words);
  object["extra_data"] = {{"avg_logprob", rounded(segment.avg_logprob, kMillionths)},
                          {"compression_ratio", rounded(segment.compression_ratio, kMillionths)},
                          {"no_speech_prob", rounded(segment.no_speech_prob, kMillionths)},
                          {"temperature", rounded(segment.temperature, kMillionths)},
                          {"tokens", segment.tokens}};
  return object;
}

std::string trimmed(std::string_view text) {
  return std::string(text::trim(text::valid_utf8(text)));
}

Json verbose_segment(const Segment& segment) {
  const double frame = std::isfinite(segment.start) ? std::round(segment.start * 100) : 0;
  return {{"id", segment.id},
          {"seek", static_cast<std::int64_t>(frame)},
          {"start", rounded(segment.start, kMilliseconds)},
          {"end", rounded(segment.end, kMilliseconds)},
          {"text", text::valid_utf8(segment.text)},
          {"tokens", segment.tokens},
          {"temperature", rounded(segment.temperature, kMillionths)},
          {"avg_logprob", rounded(segment.avg_logprob, kMillionths)},
          {"compression_ratio", rounded(segment.compression_ratio, kMillionths)},
          {"no_speech_prob", rounded(segment.no_speech_prob, kMillionths)}};
}

Json verbose_words(const Transcript& transcript) {
  Json words = Json::array();
  for (const auto& segment : transcript.segments) {
    for (const auto& word : segment.words) {
      words.push_back({{"word", trimmed(word.word)},
                       {"start", rounded(word.start, kMilliseconds)},
                       {"end", rounded(word.end, kMilliseconds)}});
    }
  }
  return words;
}

Json object_of(const Speaker& speaker) {
  return {{"speaker", text::valid_utf8(speaker.name)},
          {"talk_seconds", rounded(speaker.seconds, kMilliseconds)}};
}

Json object_of(const Sentence& sentence) {
  return {{"start", rounded(sentence.start, kMilliseconds)},
          {"end", rounded(sentence.end, kMilliseconds)},
          {"text", text::valid_utf8(sentence.text)}};
}

Json object_of(const Passage& passage) {
  Json object = {{"start", rounded(passage.start, kMilliseconds)},
                 {"end", rounded(passage.end, kMilliseconds)},
                 {"speaker", text_or_null(passage.speaker)}};
  if (passage.channel) object["channel"] = *passage.channel;
  object["text"] = text::valid_utf8(passage.text());
  object["sentences"] = list_of(passage.sentences);
  return object;
}

/// The turns, with the names of their speakers.
Json turns_of(const Transcript& transcript) {
  Json list = Json::array();
  for (const Turn& turn : transcript.turns) {
    const auto& name = transcript.speakers.at(static_cast<std::size_t>(turn.speaker)).name;
    list.push_back({{"start", rounded(turn.start, kMilliseconds)},
                    {"end", rounded(turn.end, kMilliseconds)},
                    {"speaker", text::valid_utf8(name)}});
  }
  return list;
}

}  // namespace

std::string to_json(const Transcript& transcript) {
  Json object = {{"text", text::valid_utf8(transcript.text())},
                 {"language", text::valid_utf8(transcript.language)},
                 {"language_probability", rounded(transcript.language_probability, kMillionths)},
                 {"duration", rounded(transcript.duration, kMilliseconds)},
                 {"duration_after_vad", rounded(transcript.duration_after_vad, kMilliseconds)},
                 {"model", text::valid_utf8(transcript.model)}};
  if (!transcript.warnings.empty()) {
    auto& warnings = object["warnings"] = Json::array();
    for (const auto& warning : transcript.warnings) warnings.push_back(text::valid_utf8(warning));
  }
  if (!transcript.speakers.empty()) object["speakers"] = list_of(transcript.speakers);
  object["segments"] = list_of(transcript.segments);
  if (!transcript.utterances.empty()) object["utterances"] = list_of(transcript.utterances);
  if (!transcript.paragraphs.empty()) object["paragraphs"] = list_of(transcript.paragraphs);
  if (!transcript.turns.empty()) object["turns"] = turns_of(transcript);
  return object.dump(2) + "\n";
}

std::string to_verbose_json(const Transcript& transcript, std::string_view task) {
  const auto name = language_name(transcript.language);
  Json object = {{"task", task},
                 {"language", text::valid_utf8(name.empty() ? transcript.language : name)},
                 {"duration", rounded(transcript.duration, kMilliseconds)},
                 {"text", trimmed(transcript.text())}};
  auto& segments = object["segments"] = Json::array();
  for (const auto& segment : transcript.segments) segments.push_back(verbose_segment(segment));
  if (auto words = verbose_words(transcript); !words.empty()) object["words"] = std::move(words);
  object["usage"] = {{"type", "duration"}, {"seconds", rounded(std::ceil(transcript.duration), 1)}};
  return object.dump(2) + "\n";
}

std::string to_json_line(const Segment& segment) { return object_of(segment).dump() + "\n"; }

}  // namespace steno
