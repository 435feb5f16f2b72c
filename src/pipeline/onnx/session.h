#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno::onnx {

/// Values that a network reads, row by row, and their shape.
struct Input {
  std::span<const float> values;
  std::span<const std::int64_t> shape;
};

/// Memory that a network fills, row by row, and its shape.
struct Output {
  std::span<float> values;
  std::span<const std::int64_t> shape;
};

/// A small network in an ONNX file, run by ONNX Runtime on the caller's thread. Thread-safe.
///
///     auto network = onnx::Session::load("vad.onnx", {"input"}, {"probability"});
///     const std::array<std::int64_t, 2> shape = {1, 512};
///     const std::array<onnx::Input, 1> inputs = {{{samples, shape}}};
///     ...
///     (*network)->run(inputs, outputs);
///
/// One thread and no memory arena: the networks are small, many recordings share the processor, and
/// an arena would keep the memory of the largest run.
class Session {
 public:
  /// Loads `file`, whose inputs and outputs must have these names in this order. Fails with
  /// bad_model; the message names the file and the cause.
  static Result<std::unique_ptr<const Session>> load(const std::string& file,
                                                     std::vector<std::string> inputs,
                                                     std::vector<std::string> outputs);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs the network once. `inputs` and `outputs` are in the order of their names. Fails with
  /// unavailable when there is no memory or a shape does not fit.
  Result<void> run(std::span<const Input> inputs, std::span<const Output> outputs) const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace steno::onnx
