#include "service/readiness.h"

#include "base/id.h"
#include "blob/blob.h"
#include "blob/staging.h"
#include "store/store.h"
#include "telemetry/log.h"

namespace steno::service {
namespace {

constexpr std::chrono::seconds kCheckFresh{1};

}  // namespace

std::vector<ReadyCheck> Readiness::checks() {
  const MutexLock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!checked_at_ || now - *checked_at_ > kCheckFresh) {
    checks_ = run_checks();
    checked_at_ = std::chrono::steady_clock::now();
  }
  return checks_;
}

std::vector<ReadyCheck> Readiness::run_checks() {
  std::vector<ReadyCheck> checks = {{"database", check_database()}, {"storage", check_storage()}};
  for (const FurtherCheck& further : further_) {
    const auto passed = further.check();
    checks.push_back({further.name, passed ? "" : passed.error().message, further.gravity});
  }
  return checks;
}

std::string Readiness::check_database() {
  try {
    store_.events().last_cursor();
    return {};
  } catch (const StoreError& error) {
    log_.warning("the database is not ready", {{"error", error.what()}});
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

/// Why no recording can be stored now. The error's own message contains paths and goes to the log.
std::string Readiness::check_storage() {
  for (const auto& free : {blobs_.free_bytes(), staging_.free_bytes()}) {
    if (free && *free && **free < options_.min_free_disk_bytes) return "the disk is nearly full";
  }
  const auto key = "health/" + new_id("probe_", clock_.now());
  auto probed = blob::put_blob(blobs_, key, "x");
  if (probed) probed = blobs_.remove(key);
  if (probed) return {};
  log_.warning("the storage is not ready", {{"error", probed.error().message}});
  return probed.error().code == Errc::no_space ? "the disk is full"
                                               : "the storage cannot be written";
}

}  // namespace steno::service
