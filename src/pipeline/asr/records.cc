#include "pipeline/asr/records.h"

#include "pipeline/asr/asr.h"

namespace steno::asr {
namespace {

/// A segment without text, words and tokens, and a word without text.
constexpr size_t kLeastSegment = 9 * 8;
constexpr size_t kLeastWord = 4 * 8;
constexpr size_t kStretch = 2 * 8;

void write_word(ByteWriter& out, const Word& word) {
  out.number(word.start).number(word.end).text(word.word).number(word.probability);
}

Word read_word(ByteReader& in) {
  Word word;
  word.start = in.number<double>();
  word.end = in.number<double>();
  word.word = in.text();
  word.probability = in.number<double>();
  return word;
}

}  // namespace

void write_segments(ByteWriter& out, const std::vector<Segment>& segments) {
  out.number(static_cast<uint64_t>(segments.size()));
  for (const Segment& segment : segments) {
    out.number(segment.start).number(segment.end).text(segment.text);
    out.number(segment.avg_logprob).number(segment.compression_ratio);
    out.number(segment.no_speech_prob).number(segment.temperature);
    out.numbers(segment.tokens);
    out.number(static_cast<uint64_t>(segment.words.size()));
    for (const Word& word : segment.words) write_word(out, word);
  }
}

std::vector<Segment> read_segments(ByteReader& in) {
  std::vector<Segment> segments(in.count(kLeastSegment));
  for (Segment& segment : segments) {
    segment.start = in.number<double>();
    segment.end = in.number<double>();
    segment.text = in.text();
    segment.avg_logprob = in.number<double>();
    segment.compression_ratio = in.number<double>();
    segment.no_speech_prob = in.number<double>();
    segment.temperature = in.number<double>();
    segment.tokens = in.numbers<int>();
    segment.words.resize(in.count(kLeastWord));
    for (Word& word : segment.words) word = read_word(in);
  }
  return segments;
}

std::string to_bytes(const WindowResult& result) {
  ByteWriter out;
  write_segments(out, result.segments);
  out.text(result.language).number(result.language_probability);
  out.number(static_cast<uint64_t>(result.wordless.size()));
  for (const Stretch& stretch : result.wordless) out.number(stretch.begin).number(stretch.end);
  return out.bytes();
}

std::optional<WindowResult> window_result_from(std::string_view bytes) {
  ByteReader in(bytes);
  WindowResult result;
  result.segments = read_segments(in);
  result.language = in.text();
  result.language_probability = in.number<double>();
  result.wordless.resize(in.count(kStretch));
  for (Stretch& stretch : result.wordless) {
    stretch.begin = in.number<double>();
    stretch.end = in.number<double>();
  }
  return in.is_whole() ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace steno::asr
