#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace steno {

/// Results of the small steps of a stage (a window, a block of voice activity) that were computed
/// before, so that an attempt after a worker crash need not compute them again:
///
///     const std::string key = step_key("window", {samples_as_bytes});
///     if (const auto known = log.take(key)) return parse(*known);
///     const auto result = compute();
///     log.record(key, to_bytes(result));
///
/// A key is a digest of everything that the result depends on and that may differ within one stage
/// of one recording. So a result is never used for another input. Thread-safe.
class CheckpointLog {
 public:
  virtual ~CheckpointLog() = default;
  /// The result of an earlier attempt, once; nothing where there is none.
  virtual std::optional<std::string> take(std::string_view key) = 0;
  /// Records a result of this attempt. Returns at once; never fails.
  virtual void record(std::string_view key, std::string_view result) = 0;
  /// Whether the work was lost more than once. Then few steps should be in flight: these are lost
  /// with the worker.
  virtual bool is_at_risk() const { return false; }
};

}  // namespace steno
