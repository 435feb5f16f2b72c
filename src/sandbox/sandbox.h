#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/file.h"
#include "base/mutex.h"
#include "base/result.h"
#include "sandbox/confine.h"

// Runs code that handles foreign bytes in child processes that can reach nothing but one socket.
//
//     sandbox::Sandbox sandbox(serve, {.arguments = {argv, argc}});  // first in main()
//     auto child = sandbox.start({});                                // Result
//     write(child->channel(), ...);                                  // serve(channel) reads it
//     if (closed by the child) say(child->end().text);

namespace steno::sandbox {

/// Why a child has ended.
enum class Cause {
  done,            ///< the task returned
  memory,          ///< the task needed more memory than its limit
  processor_time,  ///< the task needed more processor time than its limit
  crash,           ///< a signal of its own doing, or an exception
  killed,          ///< SIGKILL from outside, as by a system without memory
  no_process,      ///< no child could be created, or the helper process is gone
};

/// How a child has ended.
struct Ending {
  Cause cause = Cause::done;
  std::string text;              ///< such as "signal 11 (Segmentation fault)"
  std::uint64_t peak_bytes = 0;  ///< largest resident memory, shared pages included
};

/// A running child. It is killed when this object is destroyed, and when this process ends. Not
/// thread-safe.
class Child {
 public:
  Child(Descriptor channel, Descriptor watch)
      : channel_(std::move(channel)), watch_(std::move(watch)) {}

  /// A stream socket to the task.
  int channel() const { return channel_.get(); }
  /// How the child ended. Call it when the channel has been closed by the other side: it waits up
  /// to a second for the report.
  Ending end();

 private:
  Descriptor channel_;
  Descriptor watch_;  ///< the helper reports the end here, and kills the child when it is closed
};

/// How a sandbox is started.
struct SandboxOptions {
  std::span<char*> arguments = {};  ///< those of main(), which the helper erases
  /// Runs once in the helper, when it is asked for by Sandbox::prepare(), so that no child has to
  /// do that work again. It must not read foreign bytes.
  std::function<void()> prepare = {};
  /// One child with the default limits is forked in advance, from the second start() on. Its task
  /// must wait for a message before it works.
  bool keeps_spare = false;
  /// False: no helper is forked, and no child can be started. For commands that need none.
  bool starts = true;
};

/// Forks confined children from a helper process.
///
/// Problem: a child that is forked from a process with models, threads and keys is slow to make and
/// contains the keys. A child that executes a program takes 100 ms to link it.
/// Idea: the constructor forks a helper process, at a time when this process has neither. The
/// helper erases its environment and arguments, and forks a child for each task on request.
///
/// A child runs as the user of this process. It has no descriptor but its channel, cannot open
/// files or sockets, cannot start processes, and ends with the helper, which ends with this
/// process. Thread-safe.
class Sandbox {
 public:
  /// Runs in each child with its end of the channel. The child ends when it returns.
  using Task = std::function<void(int channel)>;

  /// Call it before the process has threads, open files and secrets.
  explicit Sandbox(Task task, SandboxOptions options = {});
  /// Ends the helper and all children.
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// Lets the helper run SandboxOptions::prepare, once, while this process goes on. Later children
  /// have its result.
  void prepare() const;
  /// Starts a child, or takes the spare one. Error: unavailable, if no process can be created.
  Result<Child> start(const Limits& limits) const;
  /// The protection that the kernel of this machine has. The first call waits for the helper's
  /// report.
  Protection protection() const;
  /// False after the helper has been killed. Then no child can be started any more.
  bool is_alive() const;
  /// Process id of the helper, -1 if there is none.
  pid_t helper() const { return helper_; }

 private:
  Result<Child> order(const Limits& limits) const;
  /// The spare child, if there is one that still lives. Orders the next one.
  std::optional<Child> take_spare() const;

  const bool keeps_spare_;
  Descriptor control_;
  pid_t helper_ = -1;
  mutable Mutex mutex_;
  mutable std::optional<Protection> protection_ GUARDED_BY(mutex_);
  mutable std::optional<Child> spare_ GUARDED_BY(mutex_);
  mutable bool is_prepared_ GUARDED_BY(mutex_) = false;
};

}  // namespace steno::sandbox
