#pragma once

#include <string>
#include <vector>

#include "app/config/settings.h"
#include "app/environment.h"
#include "sandbox/confine.h"

namespace steno::app {

/// One result of `steno doctor`.
struct Finding {
  enum class State { good, doubtful, bad };
  State state = State::good;
  std::string subject;  ///< such as "disk"
  std::string text;     ///< the state, and what to do if it is not good
};

/// Checks models, data folder, disk, database, addresses, certificate, clock, processor and
/// the `protection` that decoding has. Does
/// not create the data folder. Changes only what opening the folder changes.
std::vector<Finding> examine(const Settings& settings, const Environment& environment,
                             const sandbox::Protection& protection);

}  // namespace steno::app
