#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/job.h"

namespace steno::sqlite {

/// Bytes, where a std::string would be bound as text.
struct Blob {
  std::string_view bytes;
};

/// One connection to a database, with the statements it has prepared. One thread's at a time.
/// Throws StoreError.
class Connection {
 public:
  /// Opens the file, which must exist, or a database in memory for an empty path. A lock of others
  /// is waited for, for `busy`.
  Connection(const std::filesystem::path& file, Milliseconds busy);

  /// Runs statements that give no rows and take no values.
  void run(const std::string& sql);
  /// The statement, prepared once for this connection.
  sqlite3_stmt* prepared(std::string_view sql);
  /// The texts of all statements prepared so far, for a test of their plans.
  std::vector<std::string> prepared_texts() const;
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
  /// Rows that the last statement changed.
  int changes() const { return sqlite3_changes(handle_.get()); }
  /// Throws what the last call's failure means.
  [[noreturn]] void fail(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  static int wait_for_lock(void* self, int tries);

  Milliseconds busy_;
  std::chrono::steady_clock::time_point busy_until_;
  std::unique_ptr<sqlite3, Close> handle_;
  // Below the handle: closed before it.
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
};

/// One run of a prepared statement: binds the values to its `?` in order, then goes through its
/// rows. Two runs of the same text may not overlap on one connection.
class Query {
 public:
  template <class... Values>
  explicit Query(Connection& connection, std::string_view sql, const Values&... values)
      : connection_(connection), statement_(connection.prepared(sql)) {
    (bind(values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// Binds the next `?`.
  void bind(std::nullopt_t);
  void bind(int64_t value);
  void bind(int value) { bind(int64_t{value}); }
  void bind(unsigned value) { bind(int64_t{value}); }
  void bind(bool value) { bind(int64_t{value}); }
  void bind(double value);
  void bind(std::string_view text);
  void bind(const std::string& text) { bind(std::string_view(text)); }
  void bind(const char* text) { bind(std::string_view(text)); }
  void bind(Blob blob);
  void bind(Time time) { bind(int64_t{time.time_since_epoch().count()}); }
  void bind(Milliseconds time) { bind(int64_t{time.count()}); }
  void bind(State state) { bind(to_string(state)); }
  template <class T>
  void bind(const std::optional<T>& value) {
    if (value) {
      bind(*value);
    } else {
      bind(std::nullopt);
    }
  }

  /// Goes to the first or next row; false behind the last one.
  bool next();
  /// Runs a statement that gives no rows; how many it changed.
  int run();

  bool is_null(int column) const;
  void read(int column, int64_t& value) const;
  void read(int column, int& value) const;
  void read(int column, unsigned& value) const;
  void read(int column, bool& value) const;
  void read(int column, double& value) const;
  void read(int column, std::string& value) const;
  void read(int column, Time& value) const;
  void read(int column, Milliseconds& value) const;
  void read(int column, State& value) const;
  template <class T>
  void read(int column, std::optional<T>& value) const {
    value.reset();
    if (!is_null(column)) read(column, value.emplace());
  }
  template <class T>
  T get(int column) const {
    T value{};
    read(column, value);
    return value;
  }

 private:
  void bound(int code);

  Connection& connection_;
  sqlite3_stmt* statement_;
  int parameter_ = 0;
};

/// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  enum class Lock { immediate, exclusive };
  explicit Transaction(Connection& connection, Lock lock = Lock::immediate);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  sqlite3_stmt* rollback_;
};

}  // namespace steno::sqlite
