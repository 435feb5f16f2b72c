#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

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
    int wanted = 0;  ///< helpers that may still join
    int joined = 0;  ///< helpers that are working
    std::mutex failing;
    std::exception_ptr failure;  ///< the first exception
  };
  static void work(Loop& loop);
  void help(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any asked_;
  std::condition_variable left_;
  std::list<Loop*> loops_;
  std::vector<std::jthread> helpers_;
};

}  // namespace steno::asr::native
