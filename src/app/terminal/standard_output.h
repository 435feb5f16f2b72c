#pragma once

#include <string>
#include <string_view>

namespace steno::app {

/// What became of the text written to standard output so far.
enum class OutputState {
  open,
  reader_gone,  ///< the pipe's reader has ended (`| head`): nobody wants the rest
  failed,       ///< e.g. a full disk; `StandardOutput::error` says why
};

/// Standard output, written at once and without a buffer. SIGPIPE must be ignored. Once it has
/// failed, everything else is dropped.
class StandardOutput {
 public:
  explicit StandardOutput(int descriptor = 1) : descriptor_(descriptor) {}
  void write(std::string_view text);
  /// Finds out whether a pipe's reader has ended without writing anything.
  void look_for_reader();
  OutputState state() const { return state_; }
  /// What to say of a failure.
  std::string failure() const;

 private:
  int descriptor_;
  OutputState state_ = OutputState::open;
  int error_ = 0;
};

}  // namespace steno::app
