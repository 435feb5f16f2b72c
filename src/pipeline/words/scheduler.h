#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "options/options.h"
#include "pipeline/asr/asr.h"

namespace steno {

/// The one queue in front of a model, shared by every call of the process: as many threads as the
/// model has replicas, each of which takes the next windows of the calls in turn, so that a short
/// recording is not held up by a long one. An idle replica takes what is there at once; while
/// others are idle too it leaves them their share. Thread-safe.
class Scheduler {
 public:
  /// Decodes windows that share their options: one result for each, in order. May throw.
  using Decode = std::function<std::vector<asr::WindowResult>(
      std::span<const asr::WindowRequest>, const TranscribeOptions&, std::stop_token)>;
  class Lane;

  /// `batch_size` is how many windows one call of `decode` gets at most, unless a call's options
  /// say otherwise.
  Scheduler(int replicas, int batch_size, Decode decode);
  /// Waits for what is being decoded. Every lane must be gone.
  ~Scheduler();

  /// One call's place in the queue. Windows of lanes with equal `options` may share a batch. The
  /// lane ends when `stop` is requested.
  std::unique_ptr<Lane> open(TranscribeOptions options, std::stop_token stop);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// Windows of one call on their way in, results in the same order on their way out. One thread puts
/// in, one takes out. When it is destroyed, what it still has in the queue is dropped.
class Scheduler::Lane {
 public:
  struct State;
  Lane(std::shared_ptr<Shared> shared, std::shared_ptr<State> state);
  ~Lane();

  /// Takes the result of a window as soon as a replica has it, on the replica's thread and in no
  /// order; not when the lane was stopped before. Must not throw.
  using OnResult = std::function<void(const asr::WindowResult&)>;
  /// Waits while too many windows of this lane are on their way. False once the lane has ended.
  bool submit(asr::WindowRequest window, OnResult on_result = {});
  /// The same for a window whose result is known already: it keeps its place in the order.
  bool submit(asr::WindowResult result);
  /// No window is to come.
  void finish();
  /// Waits for the next result; nothing after the last one and once the lane has ended. Throws what
  /// the model threw.
  std::optional<asr::WindowResult> next();

  /// Has a replica run `task` in this lane's turn, and waits for it; throws what it threw. False,
  /// and at once, when the lane ends before that: `task` may then still be running, so that it must
  /// own what it uses.
  bool run(std::function<void(std::stop_token)> task);

  /// Ends the lane.
  void stop();
  std::stop_token stop_token() const;

 private:
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<State> state_;
};

}  // namespace steno
