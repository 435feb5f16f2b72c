#include "transcript/transcript.h"

#include "transcript/text.h"

namespace steno {

std::string speaker_name(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kSpeakerPrefix) + (digits.size() < 2 ? "0" : "") + digits;
}

std::string Transcript::text() const {
  std::string joined;
  for (const Segment& segment : segments) joined += segment.text;
  const size_t first = joined.find_first_not_of(' ');
  return first == std::string::npos ? "" : joined.substr(first);
}

std::string Passage::text() const {
  std::string joined;
  for (const Sentence& sentence : sentences) {
    if (text::needs_space_between(joined, sentence.text)) joined += ' ';
    joined += sentence.text;
  }
  return joined;
}

}  // namespace steno
