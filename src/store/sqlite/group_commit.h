#pragma once

#include <exception>
#include <functional>
#include <vector>

#include "base/mutex.h"
#include "store/sqlite/sqlite_connection.h"

namespace steno::sqlite {

class Pool;

/// Combines writes of several threads. Writes that arrive during a commit share the next
/// transaction and its disk sync. Each piece of work is applied completely or not at all.
/// Thread-safe.
class GroupCommit {
 public:
  using Work = std::function<void(Connection&)>;

  /// `writer` lends the single writing connection, and must outlive this object.
  explicit GroupCommit(Pool& writer) : writer_(writer) {}

  /// Returns when the writes of `work` are on disk. `work` may run on another thread. Rethrows what
  /// it threw, or throws if the transaction failed; then nothing of it is written.
  void run(const Work& work);

 private:
  struct Waiting {
    const Work& work;
    std::exception_ptr error;
    bool done = false;
  };
  using Group = std::vector<Waiting*>;

  void write(const Group& group);
  static void write_each(Connection& connection, const Group& group);

  Pool& writer_;
  Mutex mutex_;
  CondVar group_done_;
  Group next_ GUARDED_BY(mutex_);
  bool writing_ GUARDED_BY(mutex_) = false;
};

}  // namespace steno::sqlite
