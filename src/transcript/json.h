#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "transcript/transcript.h"

namespace steno {

/// The whole transcript as one indented object and a line feed.
std::string to_json(const Transcript& transcript);

/// The verbose_json format of OpenAI's API and openai-whisper, as one indented object and a line
/// feed: `{task, language, duration, text, segments[{id, seek, start, end, text, tokens[],
/// temperature, avg_logprob, compression_ratio, no_speech_prob}], words[{word, start, end}] (if
/// there are any), usage{type, seconds}}`. `task` is "transcribe" or "translate". The language is
/// its English name. Times are in seconds, but `seek` is the segment's start in frames of 10 ms.
std::string to_verbose_json(const Transcript& transcript, std::string_view task);

/// Parses the output of to_json(). Returns the same transcript with rounded numbers (null as 0).
/// Unknown members are ignored. Segments may lack `words` and `extra_data`, as in results that were
/// requested without them. Fails with invalid_argument.
Result<Transcript> parse_transcript(std::string_view json);

/// Parses the output of to_json_line() by the same rules.
Result<Segment> parse_segment(std::string_view json);

/// One segment as an object on one line and a line feed.
std::string to_json_line(const Segment& segment);

}  // namespace steno
