#include "transcript/transcript.h"

namespace steno {

std::string Transcript::text() const {
  std::string joined;
  for (const Segment& segment : segments) joined += segment.text;
  const size_t first = joined.find_first_not_of(' ');
  return first == std::string::npos ? "" : joined.substr(first);
}

}  // namespace steno
