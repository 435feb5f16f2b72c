#pragma once

#include <memory>
#include <stop_token>

#include "base/clock.h"

namespace steno {

/// Tells everybody who listens, in this and other processes of the machine, that there is something
/// new to look at; what it is, they find out by looking. A ring is never lost: one that comes
/// between two waits ends the second at once. Only where the notifier itself is out of reach (its
/// folder has gone, the disk is read-only) nobody hears it: who must not miss anything looks now
/// and then without a ring, too. Thread-safe.
class Notifier {
 public:
  /// Not thread-safe: one thread's.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Waits for a ring since the last wait, up to `longest`, or until a stop is requested. True
    /// when there was one. Throws std::system_error when the notifier cannot be heard now; a later
    /// call may.
    virtual bool wait(Milliseconds longest, std::stop_token stop) = 0;
  };

  virtual ~Notifier() = default;
  virtual void notify() noexcept = 0;
  virtual std::unique_ptr<Listener> listen() = 0;
};

}  // namespace steno
