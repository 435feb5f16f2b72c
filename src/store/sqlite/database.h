#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "store/sqlite/group_commit.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/sqlite_store.h"

namespace steno::sqlite {

/// Connections that are lent to one thread at a time, opened when first needed. Thread-safe.
class Pool {
 public:
  /// At most `most` connections at the same time. Waiting longer than `busy` for one throws
  /// StoreError.
  Pool(std::filesystem::path file, int most, Milliseconds busy)
      : file_(std::move(file)), most_(most), busy_(busy) {}

  /// A connection, given back at the end.
  class Loan {
   public:
    explicit Loan(Pool& pool) : pool_(pool), connection_(pool.take()) {}
    ~Loan() { pool_.give(std::move(connection_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Connection& operator*() { return *connection_; }

   private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
  };

 private:
  std::unique_ptr<Connection> take();
  void give(std::unique_ptr<Connection> connection);

  const std::filesystem::path file_;
  const int most_;
  const Milliseconds busy_;
  std::mutex mutex_;
  std::condition_variable given_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int lent_ = 0;
};

/// A migrated database: one connection that writes, a few that read meanwhile. In memory one for
/// both. Thread-safe; throws StoreError.
class Database {
 public:
  /// See open_sqlite().
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                const SqliteOptions& options);

  /// What `work` gives for a connection to read by.
  template <class Work>
  auto read(std::string_view operation, Work&& work) {
    const Timing timing(options_, operation);
    Pool::Loan connection(in_memory_ ? writer_ : readers_);
    return work(*connection);
  }

  /// The same in a transaction, shared with others that come at the same time; on disk when this
  /// returns, rolled back when it throws. `work` may run on another thread.
  template <class Work>
  auto write(std::string_view operation, Work&& work) {
    const Timing timing(options_, operation);
    using Answer = std::invoke_result_t<Work&, Connection&>;
    if constexpr (std::is_void_v<Answer>) {
      commits_.run([&](Connection& connection) { work(connection); });
    } else {
      std::optional<Answer> answer;
      commits_.run([&](Connection& connection) { answer.emplace(work(connection)); });
      return std::move(*answer);
    }
  }

  /// Empty for a database in memory.
  const std::filesystem::path& file() const { return file_; }
  /// See Store::scrub(): what was deleted has been overwritten (secure_delete), but for the log.
  bool empty_log();

  /// The database's time: a SQLite database is one machine's, so that machine's.
  Time now() const { return options_.now ? options_.now() : SystemClock().now(); }

 private:
  /// Tells the observer how long the scope lasted.
  class Timing {
   public:
    Timing(const SqliteOptions& options, std::string_view operation)
        : options_(options), operation_(operation), start_(std::chrono::steady_clock::now()) {}
    ~Timing();
    Timing(const Timing&) = delete;
    Timing& operator=(const Timing&) = delete;

   private:
    const SqliteOptions& options_;
    std::string_view operation_;
    std::chrono::steady_clock::time_point start_;
  };

  Database(const std::filesystem::path& file, const SqliteOptions& options);

  const std::filesystem::path file_;
  const SqliteOptions options_;
  const bool in_memory_;
  Pool writer_;
  Pool readers_;
  GroupCommit commits_{writer_};
};

}  // namespace steno::sqlite
