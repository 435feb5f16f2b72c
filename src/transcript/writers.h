#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transcript/transcript.h"

namespace steno {

/// The output formats. Their names are those of `--format`.
enum class Format { txt, json, srt, vtt, tsv, rttm, verbose_json };

/// Where cues of srt and vtt are cut.
enum class CueRule {
  sentences,  ///< at the ends of sentences and clauses and at pauses: see SentenceCues
  segments    ///< with segments and full lines, as openai-whisper does
};

/// How srt and vtt are cut into cues and lines. All options need word times. A segment without
/// words is one cue.
struct SubtitleOptions {
  CueRule cues = CueRule::sentences;
  /// Most characters per line; with CueRule::sentences 42, or 21 without spaces. Lines break only
  /// between words.
  std::optional<int> max_line_width;
  /// Most lines per cue; with CueRule::sentences 2. With CueRule::segments, cues then continue
  /// across segments, and it has no effect without max_line_width.
  std::optional<int> max_line_count;
  /// Most words per cue. No effect with CueRule::segments and max_line_width.
  std::optional<int> max_words_per_line;
  /// One cue per word, in which that word is underlined.
  bool highlight_words = false;
};

/// Parses "txt" and so on. Fails with invalid_argument, which lists all names.
Result<Format> parse_format(std::string_view name);

std::string_view name_of(Format format);

/// The extension of files in this format: its name, or "verbose.json".
std::string_view extension_of(Format format);

/// Whether only a whole transcript can be written: json, rttm, verbose_json.
bool needs_whole(Format format);

/// Parses "sentences" or "segments". Fails with invalid_argument for other words.
Result<CueRule> parse_cue_rule(std::string_view name);

/// Fails for the first value out of range, with its name and range.
Result<void> validate(const SubtitleOptions& options);

/// Formats the whole transcript as the content of a file. The result is valid UTF-8; invalid bytes
/// become U+FFFD.
///
///     const std::string srt = write(transcript, Format::srt);
///
/// - txt: a line per segment, or the transcript's paragraphs with empty lines between them. If the
///   speaker is known, a line begins with "[00:01:02] SPEAKER_00: ".
/// - srt, vtt: cues. Text cannot end its cue or act as markup: line breaks become spaces. vtt
///   escapes `& < >`. srt, which has no escapes, shows `-->` as `->` and gets a zero-width space
///   after a `<` or `{` that would open a tag. A cue of a known speaker begins with "SPEAKER_00: "
///   in srt, with `<v SPEAKER_00>` in vtt. If channels were split, a line of txt and a cue of srt
///   begin with "Channel 0: ", and a cue of vtt with `<v Channel 0>`. The number is that of json.
/// - tsv: `start` and `end` in milliseconds, `text`. The first line names the columns.
/// - json: one object `{text, language, language_probability, duration, duration_after_vad, model,
///   warnings[], speakers[{speaker, talk_seconds}], segments[], utterances[], paragraphs[],
///   turns[{start, end, speaker}]}`, with times in seconds. Empty lists are omitted, except
///   `segments`. Utterances and paragraphs are `{start, end, speaker, channel (if split), text,
///   sentences[{start, end, text}]}`. A segment is `{id, start, end, text, speaker, speakers[],
///   channel (if split), words[{word, start, end, probability, speaker}], extra_data{avg_logprob,
///   compression_ratio, no_speech_prob, temperature, tokens[]}}`.
/// - rttm: to_rttm() with a recording without a name.
/// - verbose_json: to_verbose_json() with the task "transcribe".
std::string write(const Transcript& transcript, Format format, const SubtitleOptions& options = {});

/// Writes a transcript while its segments become available. The results of header(), segment() for
/// each, and finish(), joined, equal write() for the whole transcript. There are two exceptions:
/// json segments are objects on one line each, and txt has no paragraphs. Throws
/// std::invalid_argument for verbose_json and rttm.
class StreamWriter {
 public:
  explicit StreamWriter(Format format, SubtitleOptions options = {});
  ~StreamWriter();
  StreamWriter(StreamWriter&&) noexcept;
  StreamWriter& operator=(StreamWriter&&) noexcept;

  std::string header() const;
  /// The text that can be written now, which may be empty: a cue that may still grow is held back.
  std::string segment(const Segment& segment);
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace steno
