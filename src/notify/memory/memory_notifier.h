#pragma once

#include <memory>

#include "base/mutex.h"
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

  mutable Mutex mutex_;
  CondVar changed_;
  long notifications_ GUARDED_BY(mutex_) = 0;
};

}  // namespace steno
