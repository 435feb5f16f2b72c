#pragma once

#include <optional>
#include <string_view>

namespace steno {

/// Where a job is, in the order of an attempt. The one list of stage names: the pipeline, the
/// worker's progress and the rank of a stage in Lifecycle::advance() use it.
enum class Stage {
  queued,
  fetching,        ///< the audio of a URL
  loading,         ///< the models
  transcribing,    ///< the recording's words
  diarizing,       ///< the speakers' voices
  postprocessing,  ///< speakers of words, replacements, redaction
  storing,         ///< the result
  done,
};

/// The name as clients see it: "transcribing".
std::string_view to_string(Stage stage);
std::optional<Stage> parse_stage(std::string_view name);

/// Names of the stage outputs that a job keeps, each in a blob of its own (stage_output_key()).
inline constexpr const char* kWordsOutput = "words";
inline constexpr const char* kVoicesOutput = "voices";
/// The recordings of known speakers: an input, kept as the JSON list of the option. The job's own
/// option has only their names.
inline constexpr const char* kKnownSpeakersInput = "known_speakers";

}  // namespace steno
