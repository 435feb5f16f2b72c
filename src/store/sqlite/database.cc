#include "store/sqlite/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "store/sqlite/migrations.h"

namespace steno::sqlite {
namespace {

constexpr int kReaders = 4;

/// The settings of each connection.
constexpr const char* kSettings =
    "PRAGMA synchronous = FULL;"  // an acknowledged commit survives a power cut
    "PRAGMA foreign_keys = ON;"
    "PRAGMA secure_delete = ON;"  // the default of Debian's SQLite, but not of others
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -8000;"              // KiB
    "PRAGMA journal_size_limit = 67108864;";  // a long read can let the log grow far above this

constexpr Milliseconds kModePause{2};

/// Truncating the log blocks all writers while it waits for readers, so it waits only this long.
constexpr Milliseconds kLogPatience{100};

/// Created here and not by SQLite, so that other users cannot read the hashes of keys. SQLite gives
/// its other files the same permissions.
Result<void> make_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(Errc::io, std::string("cannot be opened: ") + std::strerror(errno) +
                              "; check that its folder exists and that the user of this process "
                              "may use both");
  }
  ::close(descriptor);
  return {};
}

/// Lets readers and the writer work concurrently. Changing the mode does not wait for locks itself.
Result<void> use_log(Connection& connection, Milliseconds busy) {
  const auto until = std::chrono::steady_clock::now() + busy;
  for (;;) {
    try {
      Query query(connection, "PRAGMA journal_mode = WAL");
      if (query.next() && query.get<std::string>(0) == "wal") return {};
      return fail(Errc::io, "lies on a file system without shared memory: put it on a local disk");
    } catch (const StoreError& error) {
      const bool over = std::chrono::steady_clock::now() > until;
      if (error.kind() != StoreError::Kind::busy || over) throw;
    }
    std::this_thread::sleep_for(kModePause);
  }
}

}  // namespace

std::unique_ptr<Connection> Pool::take() {
  std::unique_lock lock(mutex_);
  const auto free = [this] { return lent_ < most_; };
  if (!given_.wait_for(lock, busy_, free)) {
    throw StoreError(StoreError::Kind::busy,
                     "the database " + file_.string() + " is busy: every connection is in use");
  }
  ++lent_;
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  lock.unlock();
  try {
    auto connection = std::make_unique<Connection>(file_, busy_);
    connection->run(kSettings);
    return connection;
  } catch (...) {
    give(nullptr);
    throw;
  }
}

void Pool::give(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection) idle_.push_back(std::move(connection));
  }
  given_.notify_one();
}

Database::Timing::~Timing() {
  if (!options_.observer) return;
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start_;
  options_.observer(operation_, taken.count());
}

Database::Database(const std::filesystem::path& file, const SqliteOptions& options)
    : file_(file),
      options_(options),
      in_memory_(file.empty()),
      writer_(file, 1, options.busy),
      readers_(file, kReaders, options.busy) {}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file,
                                                 const SqliteOptions& options) {
  const auto because = [&](const Error& error) {
    return fail(error.code, "the database " + file.string() + " " + error.message);
  };
  if (!file.empty()) {
    const auto made = make_file(file);
    if (!made) return because(made.error());
  }
  try {
    std::unique_ptr<Database> database(new Database(file, options));
    Pool::Loan connection(database->writer_);
    auto ready = migrate(*connection, migrations());
    if (ready && !file.empty()) ready = use_log(*connection, options.busy);
    if (!ready) return because(ready.error());
    return database;
  } catch (const StoreError& error) {
    return fail(Errc::io, error.what());  // names the file
  }
}

bool Database::empty_log() {
  if (in_memory_) return true;
  const Timing timing(options_, "scrub");
  try {
    Connection connection(file_, kLogPatience);
    Query query(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    return query.next() && query.get<int>(0) == 0;
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::busy) return false;
    throw;
  }
}

}  // namespace steno::sqlite
