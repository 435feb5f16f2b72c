#pragma once

#include <string>
#include <vector>

#include "app/config/settings.h"
#include "app/environment.h"

namespace steno::app {

/// What `steno doctor` found out about one thing.
struct Finding {
  enum class State { good, doubtful, bad };
  State state = State::good;
  std::string subject;  ///< "disk"
  std::string text;     ///< what is, and what to do where it is not good
};

/// Looks at models, data folder, disk, database, addresses, certificate, clock and processor.
/// Changes nothing but what opening the data folder makes in it, and makes no such folder.
std::vector<Finding> examine(const Settings& settings, const Environment& environment);

}  // namespace steno::app
