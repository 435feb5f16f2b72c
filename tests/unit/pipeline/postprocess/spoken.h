#pragma once

#include <string>
#include <vector>

#include "transcript/transcript.h"

namespace steno {

/// A segment whose words, given with their spaces, last half a second each.
inline Segment spoken(double start, const std::vector<std::string>& words) {
  Segment segment;
  segment.start = segment.end = start;
  for (const auto& word : words) {
    segment.words.push_back({segment.end, segment.end + 0.5, word, 0.9});
    segment.end += 0.5;
    segment.text += word;
  }
  return segment;
}

inline Transcript transcript_of(std::vector<Segment> segments) {
  Transcript transcript;
  transcript.language = "en";
  transcript.model = "base";
  int id = 0;
  for (Segment& segment : segments) segment.id = id++;
  transcript.segments = std::move(segments);
  return transcript;
}

/// The segments as "SPEAKER: text".
inline std::vector<std::string> lines_of(const Transcript& transcript) {
  std::vector<std::string> lines;
  for (const Segment& segment : transcript.segments) {
    lines.push_back((segment.speaker.empty() ? "" : segment.speaker + ":") + segment.text);
  }
  return lines;
}

}  // namespace steno
