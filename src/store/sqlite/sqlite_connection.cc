#include "store/sqlite/sqlite_connection.h"

#include <cerrno>
#include <cstring>
#include <thread>

#include "store/store_error.h"

namespace steno::sqlite {
namespace {

/// Another process holds the lock for one commit, which takes a few milliseconds. SQLite's own
/// pauses grow to 100 ms, which would delay the start of jobs.
constexpr Milliseconds kLockPause{1};

StoreError::Kind kind_of(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreError::Kind::busy;
    case SQLITE_FULL:
      return StoreError::Kind::no_space;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return system_error == ENOSPC || system_error == EDQUOT ? StoreError::Kind::no_space
                                                              : StoreError::Kind::other;
    default:
      return StoreError::Kind::other;
  }
}

/// The meaning of a failure for an operator, and the next step.
struct Advice {
  std::string_view what;
  std::string_view next;
};

Advice advice_of(int code, StoreError::Kind kind) {
  if (kind == StoreError::Kind::no_space) {
    return {"cannot grow, because its disk or quota is full", "free some space on that disk"};
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {"is locked by another process", "if this lasts, end that process: fuser lists it"};
    case SQLITE_READONLY:
      return {"cannot be written",
              "give the user of this process write access to the file and its folder, or mount "
              "the disk for writing"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {"is damaged", "stop the service, keep a copy of the file, and restore a backup"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return {"cannot be opened",
              "check that its folder exists and that the user of this process may use both"};
    case SQLITE_IOERR:
      return {"cannot be read or written", "check its disk and the log of the system"};
    default:
      return {"cannot be used", ""};
  }
}

}  // namespace

Connection::Connection(const std::filesystem::path& file, Milliseconds busy)
    : name_(file.empty() ? ":memory:" : std::filesystem::absolute(file).string()), busy_(busy) {
  sqlite3* handle = nullptr;
  // No mutex, because only one thread uses a connection at a time.
  const int code =
      sqlite3_open_v2(name_.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw std::bad_alloc();
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_handler(handle, wait_for_lock, this);
}

int Connection::wait_for_lock(void* self, int tries) {
  auto& connection = *static_cast<Connection*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (tries == 0) connection.busy_until_ = now + connection.busy_;
  if (now >= connection.busy_until_) return 0;
  std::this_thread::sleep_for(kLockPause);
  return 1;
}

void Connection::fail(int code) const {
  const int system_error = sqlite3_system_errno(handle_.get());
  const StoreError::Kind kind = kind_of(code, system_error);
  const Advice advice = advice_of(code, kind);
  std::string what = "the database " + name_ + " " + std::string(advice.what);
  what += std::string(" (") + sqlite3_errmsg(handle_.get());
  const int basic = code & 0xff;
  if ((basic == SQLITE_IOERR || basic == SQLITE_CANTOPEN) && system_error != 0) {
    what += std::string(": ") + std::strerror(system_error);
  }
  what += ")";
  if (!advice.next.empty()) what += "; " + std::string(advice.next);
  throw StoreError(kind, what);
}

void Connection::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

sqlite3_stmt* Connection::prepared(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second.get();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail(code);
  statements_.emplace(sql, statement);
  return statement;
}

std::vector<std::string> Connection::prepared_texts() const {
  std::vector<std::string> texts;
  for (const auto& [text, statement] : statements_) texts.push_back(text);
  return texts;
}

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::bound(int code) {
  if (code != SQLITE_OK) connection_.fail(code);
}

void Query::bind(std::nullopt_t) { bound(sqlite3_bind_null(statement_, ++parameter_)); }
void Query::bind(int64_t value) { bound(sqlite3_bind_int64(statement_, ++parameter_, value)); }
void Query::bind(double value) { bound(sqlite3_bind_double(statement_, ++parameter_, value)); }

void Query::bind(std::string_view text) {
  // An empty view may have a null address, which SQLite would treat as NULL.
  const char* start = text.empty() ? "" : text.data();
  bound(sqlite3_bind_text64(statement_, ++parameter_, start, text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
}

void Query::bind(Blob blob) {
  const char* start = blob.bytes.empty() ? "" : blob.bytes.data();
  bound(sqlite3_bind_blob64(statement_, ++parameter_, start, blob.bytes.size(), SQLITE_TRANSIENT));
}

bool Query::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  connection_.fail(code);
}

int Query::run() {
  while (next()) {
  }
  return connection_.changes();
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Query::read(int column, int64_t& value) const {
  value = sqlite3_column_int64(statement_, column);
}
void Query::read(int column, int& value) const { value = sqlite3_column_int(statement_, column); }
void Query::read(int column, unsigned& value) const {
  value = static_cast<unsigned>(sqlite3_column_int64(statement_, column));
}
void Query::read(int column, bool& value) const {
  value = sqlite3_column_int(statement_, column) != 0;
}
void Query::read(int column, double& value) const {
  value = sqlite3_column_double(statement_, column);
}

void Query::read(int column, std::string& value) const {
  const auto* start = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  value.assign(size == 0 ? "" : start, size);
}

void Query::read(int column, Time& value) const {
  value = Time(Milliseconds(sqlite3_column_int64(statement_, column)));
}
void Query::read(int column, Milliseconds& value) const {
  value = Milliseconds(sqlite3_column_int64(statement_, column));
}

void Query::read(int column, State& value) const {
  const auto name = get<std::string>(column);
  const auto state = parse_state(name);
  if (!state)
    throw StoreError(StoreError::Kind::other, "the database has an unknown state \"" + name + "\"");
  value = *state;
}

Transaction::Transaction(Connection& connection, Lock lock)
    : connection_(connection), rollback_(connection.prepared("ROLLBACK")) {
  Query(connection, lock == Lock::immediate ? "BEGIN IMMEDIATE" : "BEGIN EXCLUSIVE").run();
}

Transaction::~Transaction() {
  // Some failures (a full disk) have already rolled back.
  if (!connection_.in_transaction()) return;
  sqlite3_step(rollback_);
  sqlite3_reset(rollback_);
}

void Transaction::commit() { Query(connection_, "COMMIT").run(); }

}  // namespace steno::sqlite
