#pragma once

#include <string>
#include <string_view>

namespace steno::app {

/// The result of all writes to standard output so far.
enum class OutputState {
  open,
  reader_gone,  ///< the pipe's reader has ended (`| head`), so the rest is not needed
  failed,       ///< for example a full disk; `StandardOutput::error` gives the reason
};

/// Unbuffered standard output. SIGPIPE must be ignored. After a failure, all further text is
/// dropped.
class StandardOutput {
 public:
  explicit StandardOutput(int descriptor = 1) : descriptor_(descriptor) {}
  void write(std::string_view text);
  /// Checks, without writing, whether a pipe's reader has ended.
  void look_for_reader();
  OutputState state() const { return state_; }
  /// The message for a failure.
  std::string failure() const;

 private:
  int descriptor_;
  OutputState state_ = OutputState::open;
  int error_ = 0;
};

}  // namespace steno::app
