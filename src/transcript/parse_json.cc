#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "transcript/json.h"

namespace steno {
namespace {

using Json = nlohmann::ordered_json;

double number(const Json& object, const char* name) {
  const Json& value = object.at(name);
  return value.is_null() ? 0 : value.get<double>();
}

/// A text that may be missing or null; then empty.
std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? std::string() : found->get<std::string>();
}

/// The objects of a list that may be missing.
template <class Value>
std::vector<Value> list_in(const Json& object, const char* name, Value (*read)(const Json&)) {
  std::vector<Value> values;
  const auto found = object.find(name);
  if (found == object.end()) return values;
  for (const Json& each : *found) values.push_back(read(each));
  return values;
}

Word word_of(const Json& object) {
  Word word;
  word.start = number(object, "start");
  word.end = number(object, "end");
  word.word = object.at("word").get<std::string>();
  word.probability = number(object, "probability");
  word.speaker = text_in(object, "speaker");
  return word;
}

Segment segment_of(const Json& object) {
  Segment segment;
  segment.id = object.at("id").get<int>();
  segment.start = number(object, "start");
  segment.end = number(object, "end");
  segment.text = object.at("text").get<std::string>();
  if (object.contains("channel")) segment.channel = object.at("channel").get<int>();
  segment.speaker = text_in(object, "speaker");
  if (object.contains("speakers")) segment.speakers = object.at("speakers");
  segment.words = list_in(object, "words", word_of);
  if (!object.contains("extra_data")) return segment;
  const Json& extra = object.at("extra_data");
  segment.avg_logprob = number(extra, "avg_logprob");
  segment.compression_ratio = number(extra, "compression_ratio");
  segment.no_speech_prob = number(extra, "no_speech_prob");
  segment.temperature = number(extra, "temperature");
  segment.tokens = extra.at("tokens").get<std::vector<int>>();
  return segment;
}

Speaker speaker_of(const Json& object) {
  return {object.at("speaker").get<std::string>(), number(object, "talk_seconds")};
}

Sentence sentence_of(const Json& object) {
  return {number(object, "start"), number(object, "end"), object.at("text").get<std::string>()};
}

Passage passage_of(const Json& object) {
  Passage passage;
  passage.start = number(object, "start");
  passage.end = number(object, "end");
  passage.speaker = text_in(object, "speaker");
  if (object.contains("channel")) passage.channel = object.at("channel").get<int>();
  passage.sentences = list_in(object, "sentences", sentence_of);
  return passage;
}

/// Skips turns of speakers that are not in the list.
std::vector<Turn> turns_in(const Json& object, const std::vector<Speaker>& speakers) {
  std::vector<Turn> turns;
  if (!object.contains("turns")) return turns;
  for (const Json& turn : object.at("turns")) {
    const auto found =
        std::ranges::find(speakers, turn.at("speaker").get<std::string>(), &Speaker::name);
    if (found == speakers.end()) continue;
    turns.push_back(
        {number(turn, "start"), number(turn, "end"), static_cast<int>(found - speakers.begin())});
  }
  return turns;
}

Transcript transcript_of(const Json& object) {
  Transcript transcript;
  transcript.language = object.at("language").get<std::string>();
  transcript.language_probability = number(object, "language_probability");
  transcript.duration = number(object, "duration");
  transcript.duration_after_vad = number(object, "duration_after_vad");
  transcript.model = object.at("model").get<std::string>();
  if (object.contains("warnings")) {
    transcript.warnings = object.at("warnings").get<std::vector<std::string>>();
  }
  for (const Json& segment : object.at("segments")) {
    transcript.segments.push_back(segment_of(segment));
  }
  transcript.speakers = list_in(object, "speakers", speaker_of);
  transcript.utterances = list_in(object, "utterances", passage_of);
  transcript.paragraphs = list_in(object, "paragraphs", passage_of);
  transcript.turns = turns_in(object, transcript.speakers);
  return transcript;
}

}  // namespace

Result<Transcript> parse_transcript(std::string_view json) {
  try {
    return transcript_of(Json::parse(json));
  } catch (const Json::exception& error) {
    return fail(Errc::invalid_argument, std::string("no transcript: ") + error.what());
  }
}

Result<Segment> parse_segment(std::string_view json) {
  try {
    return segment_of(Json::parse(json));
  } catch (const Json::exception& error) {
    return fail(Errc::invalid_argument, std::string("no segment: ") + error.what());
  }
}

}  // namespace steno
