#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <list>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace steno::asr::native {

/// Helper threads that execute iterations of a caller's loop. Any number of callers may run at
/// once. Helpers serve the earliest caller first.
class ThreadTeam {
 public:
  /// `helpers` is the number of threads in addition to the callers' own.
  explicit ThreadTeam(int helpers);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  /// Calls body(0) … body(count - 1), each once, in any order, on this thread and up to `width` - 1
  /// helpers. Returns when all have ended. If `body` throws, remaining iterations are skipped, and
  /// the first exception is rethrown once no thread is in `body`.
  void run(int count, int width, const std::function<void(int)>& body);

 private:
  struct Loop {
    const std::function<void(int)>* body = nullptr;
    int count = 0;
    std::atomic<int> next = 0;
    int wanted = 0;  ///< helpers that may still join; under the team's mutex
    int joined = 0;  ///< helpers that are working; under the team's mutex
    Mutex failing;
    std::exception_ptr failure GUARDED_BY(failing);  ///< the first exception
  };
  static void work(Loop& loop);
  void help(const std::stop_token& stop);

  Mutex mutex_;
  CondVar asked_;
  CondVar left_;
  std::list<Loop*> loops_ GUARDED_BY(mutex_);
  std::vector<std::jthread> helpers_;
};

}  // namespace steno::asr::native
