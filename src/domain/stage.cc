#include "domain/stage.h"

#include <algorithm>
#include <array>

namespace steno {
namespace {

/// In the order of the enumerators.
constexpr std::array<std::string_view, 8> kStageNames = {
    "queued",    "fetching",       "loading", "transcribing",
    "diarizing", "postprocessing", "storing", "done"};
static_assert(kStageNames.size() == static_cast<size_t>(Stage::done) + 1);

}  // namespace

std::string_view to_string(Stage stage) { return kStageNames[static_cast<size_t>(stage)]; }

std::optional<Stage> parse_stage(std::string_view name) {
  const auto* const found = std::ranges::find(kStageNames, name);
  if (found == kStageNames.end()) return std::nullopt;
  return static_cast<Stage>(found - kStageNames.begin());
}

}  // namespace steno
