#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>

#include "sandbox/confine.h"

namespace steno::sandbox {

/// A request to the helper: for a child, with two descriptors beside it (the child's end of its
/// channel, and the helper's end of the watch), or without any to prepare itself.
struct Order {
  Limits limits;
};

/// How a child ended, from the helper over the watch.
struct Report {
  int status = 0;  ///< as wait() gives it
  int error = 0;   ///< error number, if there was no child
  std::uint64_t peak_bytes = 0;
};

/// Exit statuses of a child whose task threw.
inline constexpr int kOutOfMemory = 3;
inline constexpr int kThrew = 4;

/// The code that the helper and its children run.
struct Work {
  const std::function<void(int channel)>& task;  ///< in each child
  const std::function<void()>& prepare;          ///< in the helper, when asked; may be empty
};

/// The helper process: forks a child for each order until `control` is closed by the other side,
/// kills children whose watch is closed, and reports the ends of the others. First sends the
/// Protection of this kernel. `parent` is the process that forked it. Never returns.
[[noreturn]] void run_helper(int control, const Work& work, std::span<char*> arguments,
                             pid_t parent);

}  // namespace steno::sandbox
