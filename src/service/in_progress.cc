#include "service/in_progress.h"

#include <utility>

namespace steno::service {

InProgress::Entry::Entry(Entry&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), name_(std::move(other.name_)) {}

InProgress::Entry::~Entry() {
  if (owner_ == nullptr) return;
  const MutexLock lock(owner_->mutex_);
  const auto used = owner_->names_.find(name_);
  if (--used->second == 0) owner_->names_.erase(used);
}

std::optional<InProgress::Entry> InProgress::enter(std::string name) {
  const MutexLock lock(mutex_);
  const auto used = names_.try_emplace(name, 0).first;
  if (used->second >= most_) return std::nullopt;
  ++used->second;
  return std::optional<Entry>(std::in_place, *this, std::move(name));
}

}  // namespace steno::service
