#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

// Mutexes that clang checks: `-Wthread-safety` reports a guarded field that is used without its
// mutex. Other compilers ignore the annotations.
//
//     class Counter {
//      public:
//       void add() {
//         const MutexLock lock(mutex_);
//         add_locked();
//       }
//       int wait_for_ten(const std::stop_token& stop) {
//         const MutexLock lock(mutex_);
//         changed_.wait(mutex_, stop, [this]() REQUIRES(mutex_) { return count_ >= 10; });
//         return count_;
//       }
//
//      private:
//       void add_locked() REQUIRES(mutex_) { ++count_; }
//
//       Mutex mutex_;
//       CondVar changed_;
//       int count_ GUARDED_BY(mutex_) = 0;
//     };

#if defined(__clang__)
#define STENO_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define STENO_THREAD_ANNOTATION(x)
#endif

/// The class is a mutex. The name appears in clang's messages.
#define CAPABILITY(name) STENO_THREAD_ANNOTATION(capability(name))
/// The class holds a mutex from its constructor to its destructor.
#define SCOPED_CAPABILITY STENO_THREAD_ANNOTATION(scoped_lockable)
/// The field is used only while the mutex is held.
#define GUARDED_BY(mutex) STENO_THREAD_ANNOTATION(guarded_by(mutex))
/// The value that the pointer points to is used only while the mutex is held.
#define PT_GUARDED_BY(mutex) STENO_THREAD_ANNOTATION(pt_guarded_by(mutex))
/// The caller holds the mutex.
#define REQUIRES(...) STENO_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
/// The caller does not hold the mutex, because the function locks it.
#define EXCLUDES(...) STENO_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
/// The function locks the mutex and returns with it held.
#define ACQUIRE(...) STENO_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
/// The function locks the mutex if it returns the given value.
#define TRY_ACQUIRE(...) STENO_THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
/// The function unlocks the mutex.
#define RELEASE(...) STENO_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
/// The function returns a reference to the mutex.
#define RETURN_CAPABILITY(mutex) STENO_THREAD_ANNOTATION(lock_returned(mutex))
/// The analysis skips the function. The comment beside it gives the reason.
#define NO_THREAD_SAFETY_ANALYSIS STENO_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace steno {

/// A std::mutex that clang's analysis knows. Prefer MutexLock over lock() and unlock().
class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }
  bool try_lock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for a scope. unlock() and lock() open a gap in it. Not thread-safe.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  /// Takes over a mutex that try_lock() has locked.
  MutexLock(Mutex& mutex, std::adopt_lock_t) REQUIRES(mutex) : mutex_(mutex) {}
  ~MutexLock() RELEASE() {
    if (is_held_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  /// Unlocks before the scope ends. The lock must be held.
  void unlock() RELEASE() {
    mutex_.unlock();
    is_held_ = false;
  }
  /// Locks again after unlock().
  void lock() ACQUIRE() {
    mutex_.lock();
    is_held_ = true;
  }

 private:
  Mutex& mutex_;
  bool is_held_ = true;
};

/// Unlocks a Mutex, which the caller holds, for a scope.
class SCOPED_CAPABILITY MutexUnlock {
 public:
  explicit MutexUnlock(Mutex& mutex) RELEASE(mutex) : mutex_(mutex) { mutex_.unlock(); }
  ~MutexUnlock() RELEASE() { mutex_.lock(); }
  MutexUnlock(const MutexUnlock&) = delete;
  MutexUnlock& operator=(const MutexUnlock&) = delete;

 private:
  Mutex& mutex_;
};

/// A condition variable for Mutex. Every wait needs the mutex held, releases it while it waits and
/// holds it again when it returns. A predicate reads guarded fields, so it is annotated itself:
/// `[this]() REQUIRES(mutex_) { return ready_; }`. Thread-safe.
class CondVar {
 public:
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

  /// Waits for a notification. Wakes without one at times: call it in a loop.
  void wait(Mutex& mutex) REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS { condition_.wait(mutex); }

  /// Waits for a notification or until `duration` is over. Wakes without either at times.
  template <class Rep, class Period>
  void wait_for(Mutex& mutex, std::chrono::duration<Rep, Period> duration)
      REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    condition_.wait_for(mutex, duration);
  }

  /// Waits until the predicate is true.
  template <class Predicate>
  void wait(Mutex& mutex, Predicate is_ready) REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    condition_.wait(mutex, std::move(is_ready));
  }

  /// Waits until the predicate is true or a stop is requested. Returns the predicate's last value.
  template <class Predicate>
  bool wait(Mutex& mutex, const std::stop_token& stop, Predicate is_ready)
      REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait(mutex, stop, std::move(is_ready));
  }

  /// Waits until the predicate is true or `duration` is over. Returns the predicate's last value.
  template <class Rep, class Period, class Predicate>
  bool wait_for(Mutex& mutex, std::chrono::duration<Rep, Period> duration, Predicate is_ready)
      REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait_for(mutex, duration, std::move(is_ready));
  }

  /// As wait_for(); a requested stop ends the wait too.
  template <class Rep, class Period, class Predicate>
  bool wait_for(Mutex& mutex, const std::stop_token& stop,
                std::chrono::duration<Rep, Period> duration, Predicate is_ready)
      REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait_for(mutex, stop, duration, std::move(is_ready));
  }

  /// Waits until the predicate is true or `deadline` has passed. Returns the predicate's last
  /// value.
  template <class Clock, class Duration, class Predicate>
  bool wait_until(Mutex& mutex, std::chrono::time_point<Clock, Duration> deadline,
                  Predicate is_ready) REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait_until(mutex, deadline, std::move(is_ready));
  }

  /// As wait_until(); a requested stop ends the wait too.
  template <class Clock, class Duration, class Predicate>
  bool wait_until(Mutex& mutex, const std::stop_token& stop,
                  std::chrono::time_point<Clock, Duration> deadline, Predicate is_ready)
      REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait_until(mutex, stop, deadline, std::move(is_ready));
  }

 private:
  std::condition_variable_any condition_;
};

}  // namespace steno
