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

/// Bytes; a std::string would be bound as text.
struct Blob {
  std::string_view bytes;
};

/// One connection to a database with its prepared statements. For one thread at a time. Throws
/// StoreError.
class Connection {
 public:
  /// Opens the file, which must exist, or an in-memory database for an empty path. Waits for locks
  /// of others for at most `busy`.
  Connection(const std::filesystem::path& file, Milliseconds busy);

  /// Runs statements without rows and values.
  void run(const std::string& sql);
  /// The statement, prepared once per connection.
  sqlite3_stmt* prepared(std::string_view sql);
  /// The texts of all prepared statements, for a test of their plans.
  std::vector<std::string> prepared_texts() const;
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
  /// The number of rows that the last statement changed.
  int changes() const { return sqlite3_changes(handle_.get()); }
  /// Throws the exception for the last call's failure. It names the file and the next step.
  [[noreturn]] void fail(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  static int wait_for_lock(void* self, int tries);

  const std::string name_;  ///< the file, for error messages
  Milliseconds busy_;
  std::chrono::steady_clock::time_point busy_until_;
  std::unique_ptr<sqlite3, Close> handle_;
  // Declared after the handle, so that statements are closed first.
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
};

/// One run of a prepared statement. Binds values to its `?` in order, then iterates over its rows.
/// Two runs of the same text must not overlap on one connection.
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

  /// Moves to the first or next row. Returns false after the last one.
  bool next();
  /// Runs a statement without rows. Returns the number of changed rows.
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

/// A transaction. It is rolled back unless it was committed.
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
