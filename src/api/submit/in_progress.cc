#include "api/submit/in_progress.h"

#include <utility>

namespace steno::api {

InProgress::Hold::Hold(Hold&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), name_(std::move(other.name_)) {}

InProgress::Hold::~Hold() {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  const auto held = owner_->names_.find(name_);
  if (--held->second == 0) owner_->names_.erase(held);
}

std::optional<InProgress::Hold> InProgress::enter(std::string name) {
  const std::lock_guard lock(mutex_);
  const auto held = names_.try_emplace(name, 0).first;
  if (held->second >= most_) return std::nullopt;
  ++held->second;
  return std::optional<Hold>(std::in_place, *this, std::move(name));
}

}  // namespace steno::api
