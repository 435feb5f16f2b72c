#include "base/pause.h"

#include "base/mutex.h"

namespace steno {

void pause_for(std::chrono::milliseconds duration, const std::stop_token& stop) {
  Mutex mutex;
  const MutexLock lock(mutex);
  CondVar woken;
  woken.wait_for(mutex, stop, duration, [] { return false; });
}

}  // namespace steno
