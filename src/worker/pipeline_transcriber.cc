#include "worker/pipeline_transcriber.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "pipeline/option_json.h"
#include "pipeline/option_table.h"
#include "transcript/json.h"

namespace steno {
namespace {

using Json = nlohmann::json;

// How the result is shown, which is stored with how it is made.
constexpr const char* kShownOption = "extra_data";

// The stage that hears the words: decoding, voice activity, Whisper and word times in one pass.
constexpr const char* kWords = "words";

std::optional<Transcript> kept_words(Stages& stages) {
  const auto kept = stages.find(kWords);
  if (!kept) return std::nullopt;
  auto words = parse_transcript(*kept);
  if (!words) return std::nullopt;
  return *std::move(words);
}

/// Not all of it may have been told of by the attempt that heard it.
void tell_again(const Transcript& words, Sink& sink) {
  sink.progress({0, words.duration, 0});
  for (const Segment& segment : words.segments) sink.segment(segment);
  sink.progress({words.duration, words.duration, 0});
}

}  // namespace

Result<TranscribeOptions> parse_options(std::string_view json) {
  TranscribeOptions options;
  if (json.empty()) return options;
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return fail(Errc::invalid_argument, "the options are no JSON object");
  for (const auto& [name, json_value] : object.items()) {
    if (name == kShownOption) continue;
    const auto value = option_from_json(json_value);
    if (!value) {
      return fail(Errc::invalid_argument,
                  name + " must be null, true, false, a number, text, or a list");
    }
    if (auto set = set_option(options, name, *value); !set) return tl::unexpected(set.error());
  }
  return options;
}

PipelineTranscriber::PipelineTranscriber(ModelCache& models, std::string model)
    : models_(models), model_(std::move(model)) {}

Result<Transcript> PipelineTranscriber::transcribe(const Job& job,
                                                   const std::filesystem::path& audio,
                                                   Stages& stages, Sink& sink,
                                                   std::stop_token stop) {
  const auto options = parse_options(job.options);
  if (!options) return tl::unexpected(options.error());
  if (auto words = kept_words(stages)) {
    tell_again(*words, sink);
    return *std::move(words);
  }
  const auto pipeline = models_.get(job.model.empty() ? model_ : job.model, stop);
  if (!pipeline) return tl::unexpected(pipeline.error());
  auto words = (*pipeline)->transcribe(decode::Source::file(audio.string()), *options, sink,
                                       std::move(stop));
  if (words) stages.keep(kWords, to_json(*words));
  return words;
}

}  // namespace steno
