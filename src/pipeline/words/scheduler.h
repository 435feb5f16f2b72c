#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "options/options.h"
#include "pipeline/asr/asr.h"

namespace steno {

/// The queue in front of a model, shared by all calls of the process. It has one thread per replica
/// of the model. Each thread takes the next windows of the calls in turn, so a long recording does
/// not delay a short one. Thread-safe.
class Scheduler {
 public:
  /// Decodes windows with equal options. Returns one result for each, in order. May throw.
  using Decode = std::function<std::vector<asr::WindowResult>(
      std::span<const asr::WindowRequest>, const TranscribeOptions&, std::stop_token)>;
  class Lane;

  /// `batch_size`: the most windows in one call of `decode`, unless the options set another number.
  Scheduler(int replicas, int batch_size, Decode decode);
  /// Waits for running calls of `decode`. Every lane must have been destroyed.
  ~Scheduler();

  /// Opens a lane, the queue of one call. Windows of lanes with equal `options` may share a batch.
  /// The lane ends when `stop` is requested.
  /// `most_in_flight`: the most windows of the lane that are submitted and not taken, if set.
  std::unique_ptr<Lane> open(TranscribeOptions options, std::stop_token stop,
                             std::optional<size_t> most_in_flight = std::nullopt);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// The queue of one call: windows in, results out in the same order. One thread submits, one takes
/// results. Its destructor drops the windows that still wait.
class Scheduler::Lane {
 public:
  struct State;
  Lane(std::shared_ptr<Shared> shared, std::shared_ptr<State> state);
  ~Lane();

  /// Receives the result of a window as soon as a replica has it, on the replica's thread, in any
  /// order. Not called after the lane was stopped. Must not throw.
  using OnResult = std::function<void(const asr::WindowResult&)>;
  /// Waits while too many windows of this lane are in flight. False once the lane has ended.
  bool submit(asr::WindowRequest window, OnResult on_result = {});
  /// The same for a window with a known result, which keeps its place in the order.
  bool submit(asr::WindowResult result);
  /// No more windows will be submitted.
  void finish();
  /// Waits for the next result. Nothing after the last one, and once the lane has ended. Rethrows
  /// exceptions of the model.
  std::optional<asr::WindowResult> next();

  /// Runs `task` on a replica's thread, in this lane's turn, and waits for it. Rethrows its
  /// exception. Returns false at once if the lane ends first. Then `task` may still be running, so
  /// it must own everything that it uses.
  bool run(std::function<void(std::stop_token)> task);

  /// Ends the lane.
  void stop();
  std::stop_token stop_token() const;

 private:
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<State> state_;
};

}  // namespace steno
