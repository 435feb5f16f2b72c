#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "transcript/transcript.h"

namespace steno {

/// The whole transcript as one indented object, a line feed after it.
std::string to_json(const Transcript& transcript);

/// What OpenAI's API and openai-whisper call verbose_json, as one indented object, a line feed
/// after it: `{task, language, duration, text, segments[{id, seek, start, end, text, tokens[],
/// temperature, avg_logprob, compression_ratio, no_speech_prob}], words[{word, start, end}] (if any
/// are known), usage{type, seconds}}`. `task`: "transcribe" or "translate"; the language is its
/// English name; times are in seconds, but `seek` is the segment's start in frames of 10 ms.
std::string to_verbose_json(const Transcript& transcript, std::string_view task);

/// Reads what to_json() has written: the same transcript, its numbers as they were rounded (null as
/// 0). Members that it does not know are left out; segments may lack `words` and `extra_data`, as
/// in results that were asked for without. Fails with invalid_argument.
Result<Transcript> parse_transcript(std::string_view json);

/// Reads what to_json_line() has written, by the same rules.
Result<Segment> parse_segment(std::string_view json);

/// One segment as an object on one line, a line feed after it.
std::string to_json_line(const Segment& segment);

}  // namespace steno
