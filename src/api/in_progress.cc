#include "api/in_progress.h"

#include <utility>

namespace steno::api {

InProgress::Hold::Hold(Hold&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), name_(std::move(other.name_)) {}

InProgress::Hold::~Hold() {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  owner_->names_.erase(name_);
}

std::optional<InProgress::Hold> InProgress::enter(std::string name) {
  const std::lock_guard lock(mutex_);
  if (!names_.insert(name).second) return std::nullopt;
  return std::optional<Hold>(std::in_place, *this, std::move(name));
}

}  // namespace steno::api
