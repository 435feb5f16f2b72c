#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "app/terminal/progress_unit.h"

namespace steno::app {

/// The content of the bar.
struct BarState {
  std::string name;              ///< the current file
  int more = 0;                  ///< other files that wait or run
  double done = 0;               ///< seconds of audio that are done, or percent
  std::optional<double> length;  ///< total seconds of audio, if known; 100 for percent
  double elapsed = 0;            ///< seconds since the start; 0: unknown
  ProgressUnit unit = ProgressUnit::seconds;
};

/// One line of at most `width` columns: name, bar, audio done, speed, time left.
std::string bar_line(const BarState& state, int width);

/// A line at the bottom of a terminal that is redrawn. Draws nothing if the stream is not a
/// terminal. For one thread at a time.
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* stream, bool wanted);
  ~ProgressBar();

  /// Draws the line, at most ten times a second.
  void show(const BarState& state);
  /// Removes the line so that other text can be written. The next `show` draws it again.
  void clear();
  bool visible() const { return enabled_; }

 private:
  std::FILE* stream_;
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace steno::app
