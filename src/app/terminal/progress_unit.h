#pragma once

namespace steno::app {

/// What is counted where a work's progress is told.
enum class ProgressUnit {
  seconds,  ///< of audio
  percent,
};

}  // namespace steno::app
