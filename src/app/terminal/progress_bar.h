#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "app/terminal/progress_unit.h"

namespace steno::app {

/// What the bar shows.
struct BarState {
  std::string name;              ///< the file being transcribed
  int more = 0;                  ///< files that wait or run besides it
  double done = 0;               ///< seconds of its audio, or percent
  std::optional<double> length;  ///< seconds of audio it has, when known; 100 percent
  double elapsed = 0;            ///< seconds since it was started; 0: not known
  ProgressUnit unit = ProgressUnit::seconds;
};

/// One line of at most `width` columns: name, a bar, audio done, speed, time left.
std::string bar_line(const BarState& state, int width);

/// A line at the bottom of a terminal that is drawn over and over. It draws nothing where the
/// stream is not a terminal. One thread at a time.
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* stream, bool wanted);
  ~ProgressBar();

  /// Draws, at most ten times a second.
  void show(const BarState& state);
  /// Takes the line away, so that other text can be written; the next `show` brings it back.
  void clear();
  bool visible() const { return enabled_; }

 private:
  std::FILE* stream_;
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace steno::app
