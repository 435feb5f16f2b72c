#include "telemetry/bounded_label.h"

#include <algorithm>

namespace steno {
namespace {

constexpr std::size_t kLongest = 100;
constexpr const char* kOther = "other";

// Labels are names in the code and names of models. Other values must not break the text format.
bool is_plain(std::string_view value) {
  return !value.empty() && value.size() <= kLongest &&
         std::ranges::all_of(value, [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

std::string BoundedLabel::operator()(std::string_view value) {
  if (!is_plain(value)) return kOther;
  const MutexLock lock(mutex_);
  if (const auto known = values_.find(value); known != values_.end()) return *known;
  if (values_.size() >= most_) return kOther;
  return *values_.emplace(value).first;
}

}  // namespace steno
