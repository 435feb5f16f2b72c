#pragma once

namespace steno::app {

/// The unit of a progress value.
enum class ProgressUnit {
  seconds,  ///< of audio
  percent,
};

}  // namespace steno::app
