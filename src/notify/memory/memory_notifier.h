#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "notify/notifier.h"

namespace steno {

/// A notifier for the threads of one process. Outlives its listeners.
class MemoryNotifier final : public Notifier {
 public:
  void notify() noexcept override;
  std::unique_ptr<Listener> listen() override;
  /// How often notify() was called.
  long notifications() const;

 private:
  class MemoryListener;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  long notifications_ = 0;
};

}  // namespace steno
