#include "base/pause.h"

#include <condition_variable>
#include <mutex>

namespace steno {

void pause_for(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any woken;
  woken.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace steno
