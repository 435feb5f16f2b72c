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

/// Threads that help a caller with the pieces of one loop. Any number of callers at once; helpers
/// go to whoever asked first.
class ThreadTeam {
 public:
  /// `helpers` threads besides the callers' own.
  explicit ThreadTeam(int helpers);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  /// Calls body(0) … body(count - 1), each once, in any order, on this thread and up to
  /// `width` - 1 helpers; returns when all are done. What `body` throws comes out of here once no
  /// thread is in it; calls that had not begun are then left out.
  void run(int count, int width, const std::function<void(int)>& body);

 private:
  struct Loop {
    const std::function<void(int)>* body = nullptr;
    int count = 0;
    std::atomic<int> next = 0;
    int wanted = 0;  ///< helpers that may still join
    int joined = 0;  ///< helpers at work
    std::mutex failing;
    std::exception_ptr failure;  ///< the first one
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
