#include "telemetry/failure_log.h"

#include <array>
#include <utility>

#include "telemetry/log.h"

namespace steno {
namespace {

constexpr std::array kDuties = {
    Duty::leadership,     Duty::dead_workers,   Duty::silent_workers,     Duty::clock,
    Duty::queue_timeouts, Duty::hints,          Duty::retention,          Duty::expired_uploads,
    Duty::purged_content, Duty::staged_uploads, Duty::unfinished_files,   Duty::orphans,
    Duty::audio_removal,  Duty::result_removal, Duty::checkpoint_removal, Duty::unredacted_removal};

}  // namespace

std::span<const Duty> all_duties() { return kDuties; }

std::string_view to_string(Duty duty) {
  switch (duty) {
    case Duty::leadership:
      return "leadership";
    case Duty::dead_workers:
      return "dead_workers";
    case Duty::silent_workers:
      return "silent_workers";
    case Duty::clock:
      return "clock";
    case Duty::queue_timeouts:
      return "queue_timeouts";
    case Duty::hints:
      return "hints";
    case Duty::retention:
      return "retention";
    case Duty::expired_uploads:
      return "expired_uploads";
    case Duty::purged_content:
      return "purged_content";
    case Duty::staged_uploads:
      return "staged_uploads";
    case Duty::unfinished_files:
      return "unfinished_files";
    case Duty::orphans:
      return "orphans";
    case Duty::audio_removal:
      return "audio_removal";
    case Duty::result_removal:
      return "result_removal";
    case Duty::checkpoint_removal:
      return "checkpoint_removal";
    case Duty::unredacted_removal:
      return "unredacted_removal";
  }
  return "";
}

FailureLog::FailureLog(Log& log, std::function<void(Duty)> count, Options options)
    : log_(log), count_(std::move(count)), options_(std::move(options)) {}

void FailureLog::add(Duty duty, std::string_view error) {
  if (count_) count_(duty);
  std::uint64_t failures = 0;
  {
    const MutexLock lock(mutex_);
    Unlogged& unlogged = unlogged_[duty];
    ++unlogged.failures;
    const auto now = options_.now();
    if (now < unlogged.next) return;
    failures = std::exchange(unlogged.failures, 0);
    unlogged.next = now + options_.every;
  }
  log_.warning("housekeeping failed",
               {{"duty", to_string(duty)}, {"error", error}, {"failures", failures}});
}

}  // namespace steno
