#include "transcript/rttm.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "transcript/text.h"

namespace steno {
namespace {

std::string one_field(std::string_view name) {
  std::string field = text::one_line(name);
  std::ranges::replace(field, ' ', '_');
  return field.empty() ? "<NA>" : field;
}

}  // namespace

std::string to_rttm(const Transcript& transcript, std::string_view recording) {
  const std::string id = one_field(recording);
  std::string rttm;
  for (const Turn& turn : transcript.turns) {
    std::array<char, 96> times{};
    std::snprintf(times.data(), times.size(), "%.3f %.3f", turn.start, turn.end - turn.start);
    const auto& name = transcript.speakers.at(static_cast<std::size_t>(turn.speaker)).name;
    rttm +=
        "SPEAKER " + id + " 1 " + times.data() + " <NA> <NA> " + one_field(name) + " <NA> <NA>\n";
  }
  return rttm;
}

}  // namespace steno
