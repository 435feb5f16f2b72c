#pragma once

#include <memory>
#include <stop_token>

#include "base/clock.h"

namespace steno {

/// Wakes all listeners after a change. A notification carries no content: the listener looks for
/// itself.
///
///     const auto listener = notifier.listen();   // before the first look
///     while (!found(look())) listener->wait(longest, stop);
///
/// A notification between two waits ends the second wait at once. Several notifications may be
/// received as one. If the notifier itself cannot be reached (its folder was removed, the disk is
/// read-only), a notification is lost. A listener that must not miss anything therefore also looks
/// at intervals. Thread-safe. Every implementation passes tests/unit/notify/notifier_contract.
class Notifier {
 public:
  /// Used by one thread at a time.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Waits for a notification since the last wait, up to `longest`, or until a stop is requested.
    /// Returns whether there was one. Throws std::system_error if the notifier cannot be reached
    /// now; a later call may succeed.
    virtual bool wait(Milliseconds longest, std::stop_token stop) = 0;
  };

  virtual ~Notifier() = default;
  virtual void notify() noexcept = 0;
  /// A listener for the notifications from now on.
  virtual std::unique_ptr<Listener> listen() = 0;
};

}  // namespace steno
