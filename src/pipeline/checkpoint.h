#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/checkpoint_log.h"
#include "base/mutex.h"

namespace steno {

/// Where the checkpoints of one recording are kept: parts, each written once and whole. Several
/// attempts may read and write at the same time. Thread-safe; calls block.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;

  struct Part {
    std::string id;
    std::string content;
  };
  /// All parts of a stage that can be read, in no order.
  virtual std::vector<Part> parts(std::string_view stage) = 0;
  /// Adds a part. False where that fails: then the work goes on without it.
  virtual bool add(std::string_view stage, std::string_view content) = 0;
  /// Removes parts by their ids; those that are gone are no error.
  virtual void remove(std::string_view stage, const std::vector<std::string>& ids) = 0;
  /// Removes all parts of a stage, those of other attempts too.
  virtual void remove_all(std::string_view stage) = 0;
  /// Logs a line for the operator: what an attempt continues from, or why a part is ignored.
  virtual void note(std::string_view stage, std::string_view message, std::size_t steps) = 0;
  /// See CheckpointLog::is_at_risk().
  virtual bool is_at_risk() const { return false; }
};

/// The checkpoint of one stage of one recording: the results of the steps that are done.
///
///     Checkpoint checkpoint(store, "words", binding);
///     checkpoint.take(key);            // in the steps of the stage: computed before?
///     checkpoint.record(key, result);  // if not
///     checkpoint.discard();            // once the output of the stage is kept
///
/// A thread of its own writes the records, many in one part. The pause between two parts is at
/// least twenty times the duration of a write, and 4 % of the time worked, but at most 20 s. So a
/// killed worker loses little work, and a long recording has few parts. Thread-safe, but for
/// close() and discard().
class Checkpoint : public CheckpointLog {
 public:
  /// Reads the parts that `store` has. `binding` stands for what made them (model, options): parts
  /// with another one, of another format or with a wrong checksum are ignored with a note.
  Checkpoint(CheckpointStore& store, std::string stage, std::string_view binding);
  /// close().
  ~Checkpoint() override;

  std::optional<std::string> take(std::string_view key) override;
  void record(std::string_view key, std::string_view result) override;
  bool is_at_risk() const override { return store_.is_at_risk(); }
  /// Writes what was recorded; from then on nothing is recorded, and the store not used.
  void close();
  /// The stage's whole output is kept elsewhere: closes and removes all parts.
  void discard();

 private:
  using Clock = std::chrono::steady_clock;

  void load() REQUIRES(mutex_);
  bool load_part(std::string_view content) REQUIRES(mutex_);
  void write_when_due(const std::stop_token& stop);
  /// Unlocks while it writes. False where the store failed.
  bool write() REQUIRES(mutex_);
  Clock::duration pause() const REQUIRES(mutex_);

  CheckpointStore& store_;
  const std::string stage_;
  const std::string head_;  ///< what each part begins with
  const Clock::time_point begin_ = Clock::now();

  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, std::string, std::less<>> known_
      GUARDED_BY(mutex_);                   ///< of earlier attempts, not taken
  std::string pending_ GUARDED_BY(mutex_);  ///< records to be written
  bool is_closed_ GUARDED_BY(mutex_) = false;
  bool has_parts_ GUARDED_BY(mutex_) = false;
  Clock::time_point wrote_at_ GUARDED_BY(mutex_) = begin_;
  Clock::duration last_write_ GUARDED_BY(mutex_){};
  std::jthread writer_;
};

}  // namespace steno
