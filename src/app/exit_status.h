#pragma once

namespace steno::app {

inline constexpr int kDone = 0;
inline constexpr int kSomeFailed = 1;  ///< for one or more files or models
inline constexpr int kWrongUsage = 2;
inline constexpr int kInterrupted = 130;

}  // namespace steno::app
