#include "api/system/readiness.h"

#include "base/id.h"

namespace steno::api {
namespace {

constexpr std::chrono::seconds kFresh{1};

}  // namespace

std::vector<ReadyCheck> Readiness::checks() {
  const std::scoped_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!looked_at_ || now - *looked_at_ > kFresh) {
    checks_ = look();
    looked_at_ = std::chrono::steady_clock::now();
  }
  return checks_;
}

std::vector<ReadyCheck> Readiness::look() {
  std::vector<ReadyCheck> checks = {{"database", database()}, {"storage", storage()}};
  for (const auto& [name, check] : service_.further_checks) {
    const auto well = check();
    checks.push_back({name, well ? "" : well.error().message});
  }
  return checks;
}

std::string Readiness::database() {
  try {
    service_.store.events().last_cursor();
    return {};
  } catch (const StoreError& error) {
    service_.log.warning("the database is not ready", {{"error", error.what()}});
    switch (error.kind()) {
      case StoreError::Kind::busy:
        return "the database is locked by another process";
      case StoreError::Kind::no_space:
        return "the disk of the database is full";
      case StoreError::Kind::other:
        break;
    }
    return "the database cannot be read";
  }
}

/// Why no recording can be stored now. The errors' own messages have paths in them: for the log.
std::string Readiness::storage() {
  for (const auto& free : {service_.blobs.free_bytes(), service_.staging.free_bytes()}) {
    if (free && *free && **free < service_.options.min_free_disk_bytes) {
      return "the disk is nearly full";
    }
  }
  const auto key = "health/" + new_id("probe_", service_.clock.now());
  auto probed = blob::put_blob(service_.blobs, key, "x");
  if (probed) probed = service_.blobs.remove(key);
  if (probed) return {};
  service_.log.warning("the storage is not ready", {{"error", probed.error().message}});
  return probed.error().code == Errc::no_space ? "the disk is full"
                                               : "the storage cannot be written";
}

}  // namespace steno::api
