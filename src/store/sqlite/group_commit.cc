// Problem: each commit waits for the disk, and many threads commit at the same time. Idea: the
// threads form a group. The first thread that gets the writing connection runs the work of the
// whole group in one transaction, each piece in its own savepoint, and commits once. A failing
// piece is rolled back alone; the other threads only wait for the result.
#include "store/sqlite/group_commit.h"

#include <utility>

#include "store/sqlite/database.h"

namespace steno::sqlite {

void GroupCommit::run(const Work& work) {
  Waiting mine{work, nullptr, false};
  MutexLock lock(mutex_);
  next_.push_back(&mine);
  group_done_.wait(mutex_, [&]() REQUIRES(mutex_) { return mine.done || !writing_; });
  if (!mine.done) {  // the first thread that wakes writes for all waiting threads
    writing_ = true;
    const Group group = std::exchange(next_, {});
    lock.unlock();
    write(group);
    lock.lock();
    writing_ = false;
    for (Waiting* waiting : group) waiting->done = true;
    group_done_.notify_all();
  }
  if (mine.error) std::rethrow_exception(mine.error);
}

void GroupCommit::write(const Group& group) {
  try {
    Pool::Loan connection(writer_);
    Transaction transaction(*connection);
    if (group.size() == 1) {
      group.front()->work(*connection);
    } else {
      write_each(*connection, group);
    }
    transaction.commit();
  } catch (...) {
    for (Waiting* waiting : group) {
      if (!waiting->error) waiting->error = std::current_exception();
    }
  }
}

/// A failing piece of work is rolled back alone. A failure that ended the whole transaction (a full
/// disk) throws.
void GroupCommit::write_each(Connection& connection, const Group& group) {
  for (Waiting* waiting : group) {
    Query(connection, "SAVEPOINT one").run();
    try {
      waiting->work(connection);
    } catch (...) {
      waiting->error = std::current_exception();
      if (!connection.in_transaction()) std::rethrow_exception(waiting->error);
      Query(connection, "ROLLBACK TO one").run();
    }
    Query(connection, "RELEASE one").run();
  }
}

}  // namespace steno::sqlite
