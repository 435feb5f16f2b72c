#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transcript/transcript.h"

namespace steno {

/// What a transcript can be written as; the names are those of `--format`.
enum class Format { txt, json, srt, vtt, tsv, rttm, verbose_json };

/// Where cues of srt and vtt are cut.
enum class CueRule {
  sentences,  ///< at the ends of sentences and clauses and at pauses: see SentenceCues
  segments    ///< with segments, and where words have no room, as openai-whisper does it
};

/// How srt and vtt are cut into cues and lines. All need word times; a segment without words is one
/// cue as it is.
struct SubtitleOptions {
  CueRule cues = CueRule::sentences;
  /// Most characters of a line; with CueRule::sentences 42, or 21 without spaces. Lines are broken
  /// between words, never within one.
  std::optional<int> max_line_width;
  /// Most lines of a cue; with CueRule::sentences 2. With CueRule::segments cues then also run on
  /// over the borders of segments, and it has no effect without max_line_width.
  std::optional<int> max_line_count;
  /// Most words of a cue. No effect with CueRule::segments and max_line_width.
  std::optional<int> max_words_per_line;
  /// A cue for every word, in which that word is underlined.
  bool highlight_words = false;
};

/// "txt" is Format::txt and so on; invalid_argument, naming them all, for any other name.
Result<Format> parse_format(std::string_view name);

std::string_view name_of(Format format);

/// What a file of the format is called behind its point: the name, but "verbose.json".
std::string_view extension_of(Format format);

/// Whether only a whole transcript can be written as it: json, rttm, verbose_json.
bool needs_whole(Format format);

/// "sentences" or "segments"; invalid_argument for any other word.
Result<CueRule> parse_cue_rule(std::string_view name);

/// The first value out of range, with its name and the range.
Result<void> validate(const SubtitleOptions& options);

/// The whole transcript as the content of a file. Always valid UTF-8: what is not becomes U+FFFD.
///
/// - txt: a line per segment, or the transcript's paragraphs with empty lines between them. Of a
///   speaker who is known, a line begins as "[00:01:02] SPEAKER_00: ".
/// - srt, vtt: cues. Nothing in a text can end its cue or pass for markup: line breaks become
///   spaces; vtt escapes `& < >`; srt, which has no escapes, shows `-->` as `->` and has a
///   zero-width space after a `<` or `{` that would open a tag.
///   A cue of a known speaker begins with "SPEAKER_00: " in srt, with `<v SPEAKER_00>` in vtt.
///   Else, of a recording whose channels were split, a line of txt and a cue of srt begin with
///   "Channel 0: ", a cue of vtt with `<v Channel 0>`; the number is that of json.
/// - tsv: `start` and `end` in milliseconds, `text`; the first line names them.
/// - json: one object `{text, language, language_probability, duration, duration_after_vad, model,
///   warnings[], speakers[{speaker, talk_seconds}], segments[], utterances[], paragraphs[],
///   turns[{start, end, speaker}]}`, times in seconds; of the lists only `segments` is there when
///   it is empty. Utterances and paragraphs are `{start, end, speaker, channel (if split), text,
///   sentences[{start, end, text}]}`. A segment is `{id, start, end, text,
///   speaker, speakers[], channel (if split), words[{word, start, end, probability, speaker}],
///   extra_data{avg_logprob, compression_ratio, no_speech_prob, temperature, tokens[]}}`.
/// - rttm: to_rttm() of a recording without a name.
/// - verbose_json: to_verbose_json() of what was transcribed, not translated.
std::string write(const Transcript& transcript, Format format, const SubtitleOptions& options = {});

/// Writes a transcript as its segments become known: header(), segment() for each, finish(),
/// joined, are what write() gives for the whole, except for json, whose segments are objects of a
/// line each, and for txt with paragraphs. Not for verbose_json and rttm: std::invalid_argument.
class StreamWriter {
 public:
  explicit StreamWriter(Format format, SubtitleOptions options = {});
  ~StreamWriter();
  StreamWriter(StreamWriter&&) noexcept;
  StreamWriter& operator=(StreamWriter&&) noexcept;

  std::string header() const;
  /// What can be written now, maybe nothing: a cue that may still grow is held back.
  std::string segment(const Segment& segment);
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace steno
