#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

#include "store/sqlite/sqlite_connection.h"

namespace steno::sqlite {

class Pool;

/// Writes by as few transactions as can be: what comes while one is committed shares the next, and
/// its wait for the disk. Each piece of work is whole or not at all by itself. Thread-safe.
class GroupCommit {
 public:
  using Work = std::function<void(Connection&)>;

  /// `writer` lends the one connection that writes; outlives this.
  explicit GroupCommit(Pool& writer) : writer_(writer) {}

  /// Returns when what `work` has written is on disk, which may have run on another thread. Throws
  /// what it threw, or why the transaction failed: then nothing of it is written.
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
  std::mutex mutex_;
  std::condition_variable group_done_;
  Group next_;
  bool writing_ = false;
};

}  // namespace steno::sqlite
