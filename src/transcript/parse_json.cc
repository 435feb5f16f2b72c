#include <nlohmann/json.hpp>
#include <utility>

#include "transcript/json.h"

namespace steno {
namespace {

using Json = nlohmann::json;

double number(const Json& object, const char* name) {
  const Json& value = object.at(name);
  return value.is_null() ? 0 : value.get<double>();
}

Word word_of(const Json& object) {
  Word word;
  word.start = number(object, "start");
  word.end = number(object, "end");
  word.word = object.at("word").get<std::string>();
  word.probability = number(object, "probability");
  return word;
}

Segment segment_of(const Json& object) {
  Segment segment;
  segment.id = object.at("id").get<int>();
  segment.start = number(object, "start");
  segment.end = number(object, "end");
  segment.text = object.at("text").get<std::string>();
  if (object.contains("channel")) segment.channel = object.at("channel").get<int>();
  if (object.contains("words")) {
    for (const Json& word : object.at("words")) segment.words.push_back(word_of(word));
  }
  if (!object.contains("extra_data")) return segment;
  const Json& extra = object.at("extra_data");
  segment.avg_logprob = number(extra, "avg_logprob");
  segment.compression_ratio = number(extra, "compression_ratio");
  segment.no_speech_prob = number(extra, "no_speech_prob");
  segment.temperature = number(extra, "temperature");
  segment.tokens = extra.at("tokens").get<std::vector<int>>();
  return segment;
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
