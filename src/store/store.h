#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job.h"

// What the service remembers: jobs and their events, keys, usage, audit, uploads. Every class here
// is thread-safe, its calls block, and they throw StoreError when the database does not answer.

namespace steno {

/// The database cannot be read or written now. `kind` says what a client can be told.
class StoreError : public std::runtime_error {
 public:
  enum class Kind { busy, no_space, other };
  StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// Which jobs of a list, newest first.
struct JobQuery {
  std::optional<std::string> owner;  ///< none: everybody's
  std::optional<State> state;
  std::optional<std::string> type;
  std::optional<std::string> recording_id;
  std::optional<std::string> batch_id;
  std::optional<bool> dead_letter;
  std::optional<Time> created_after;    ///< this moment is out
  std::optional<Time> created_before;   ///< this one too
  std::optional<std::string> after_id;  ///< goes on behind this job of an earlier list
  int limit = 50;
};

/// A client's own name for one submission, so that it can be sent twice.
struct IdempotencyKey {
  std::string key;
  std::string fingerprint;  ///< hash of what was submitted
};

/// How many jobs may wait.
struct QueueLimits {
  int64_t in_all = 0;  ///< 0: no limit
  int64_t per_owner = 0;
};

/// What became of a new job.
struct Creation {
  enum class Outcome {
    created,
    repeated,       ///< the same was submitted before: `job_id` is that job's
    other_content,  ///< the idempotency key was used for something else
    queue_full,
    owner_queue_full,
  };
  Outcome outcome = Outcome::created;
  std::string job_id;
};

/// How many jobs wait, of one priority.
struct Depth {
  int priority = 0;
  int64_t waiting = 0;         ///< that may start now or later
  std::optional<Time> oldest;  ///< when the oldest one was submitted
};

/// What one key used on one day, UTC.
struct Usage {
  std::string owner;
  std::string key_id;
  std::string day;  ///< "2026-11-25"
  int64_t jobs = 0;
  int64_t failures = 0;
  int64_t bytes = 0;
  double audio_seconds = 0;
  double compute_seconds = 0;

  bool operator==(const Usage&) const = default;
};

/// Jobs and their events. The database's truth: what create() and update() have returned from is
/// on disk. Passes tests/unit/store/store_contract.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Adds the job with its first events, in one transaction with its idempotency key. Keys are
  /// remembered for `remember` since the job's created_at.
  virtual Creation create(const Job& job, std::span<const Event> events,
                          const std::optional<IdempotencyKey>& key, Milliseconds remember,
                          const QueueLimits& limits) = 0;
  /// What create() would answer a further job of `owner` for want of room in the queue; nothing if
  /// there is room, and for an idempotency key that is remembered.
  virtual std::optional<Creation::Outcome> refusal(std::string_view owner,
                                                   const std::optional<std::string>& key, Time now,
                                                   const QueueLimits& limits) = 0;
  virtual std::optional<Job> find(std::string_view id) = 0;
  /// The id of a job whose audio is this blob.
  virtual std::optional<std::string> find_by_blob(std::string_view blob) = 0;
  /// In the order of (created_at, id), newest first.
  virtual std::vector<Job> list(const JobQuery& query) = 0;
  /// Writes the job and adds the events and the usage, in one transaction, if its version is still
  /// the stored one, which then grows (in `job` too); false when somebody else was first. Gives the
  /// events their numbers and positions. What says whose the job is stays as it was created: owner,
  /// key, batch, type, recording, created_at.
  virtual bool update(Job& job, std::span<Event> events, const std::optional<Usage>& more) = 0;
  bool update(Job& job, std::span<Event> events) { return update(job, events, std::nullopt); }
  /// Forgets the job with its events and idempotency key, whatever its version; false when there
  /// is none.
  virtual bool erase(std::string_view id) = 0;

  /// A job's events behind `after_number`, in order.
  virtual std::vector<Event> events_of(std::string_view job_id, int64_t after_number,
                                       int limit) = 0;
  /// Everybody's events behind `after_position`, in order; a position is never seen late: what is
  /// committed later has a higher one.
  virtual std::vector<Event> events_since(int64_t after_position, int limit) = 0;
  /// The last event's position; 0: none.
  virtual int64_t last_position() = 0;

  /// The waiting job that is to start next at `now`, of those of at most `most_bytes` of audio
  /// (whose size is known, then).
  /// Of the priority that is highest when one is added to it for each `ageing` that its longest
  /// waiting job has waited (0: nothing is added); in it of the owner whose turn was longest ago;
  /// of that owner the longest waiting. A job waits since its available_at. Does not change it; a
  /// claim (update() to processing) gives the owner's turn to the next.
  virtual std::optional<std::string> next_waiting(Time now, Milliseconds ageing,
                                                  std::optional<int64_t> most_bytes) = 0;
  /// When the first of the waiting jobs that are not yet available becomes so.
  virtual std::optional<Time> next_available(Time now) = 0;
  virtual std::vector<Depth> depths() = 0;
  /// How many jobs wait that would start before this one, if no more came. Ageing is left out.
  virtual int64_t place_in_queue(const Job& job) = 0;

  /// All processing jobs: their leases.
  virtual std::vector<Job> processing() = 0;
  /// Waiting jobs whose queue_until is over.
  virtual std::vector<std::string> overdue(Time now, int limit) = 0;
  /// Final jobs that ended before `before` and still have their audio, or are still there at all;
  /// dead letters stay until somebody has looked at them.
  enum class Kept { audio, job };
  virtual std::vector<Job> ended_before(Time before, Kept kept, int limit) = 0;
  /// How many jobs of the batch are in each state, by State; nothing when there is no such batch
  /// of this owner.
  virtual std::optional<std::array<int64_t, 5>> count_batch(std::string_view batch_id,
                                                            std::string_view owner) = 0;
};

/// What a key may do.
enum class Scope : unsigned { submit = 1, read = 2, admin = 4, metrics = 8 };
/// A set of scopes: bits.
using Scopes = unsigned;

/// One API key; the key itself is nowhere, only its hash.
struct ApiKey {
  std::string id;     ///< "key_01…", can be shown
  std::string owner;  ///< what its jobs belong to; a rotated key keeps it
  std::string name;
  std::string prefix;  ///< the first characters of the key, to recognise it
  std::string hash;    ///< SHA-256 of the key, 32 bytes
  Scopes scopes = 0;
  Time created_at;
  std::optional<Time> expires_at;
  std::optional<Time> revoked_at;
  std::optional<Time> last_used_at;

  bool operator==(const ApiKey&) const = default;
};

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// Throws when the id or the hash is there already.
  virtual void add(const ApiKey& key) = 0;
  virtual std::optional<ApiKey> find_by_hash(std::string_view hash) = 0;
  virtual std::optional<ApiKey> find(std::string_view id) = 0;
  virtual std::vector<ApiKey> list() = 0;
  /// False when there is no such key, or it is revoked already.
  virtual bool revoke(std::string_view id, Time now) = 0;
  /// Adds the new key and lets the old one expire at `until`, in one transaction.
  virtual bool rotate(std::string_view old_id, Time until, const ApiKey& fresh) = 0;
  virtual void note_use(std::string_view id, Time now) = 0;
};

class UsageStore {
 public:
  virtual ~UsageStore() = default;
  /// Adds to what is there of this key and day.
  virtual void add(const Usage& more) = 0;
  /// Days from `first` to `last`, both in, by day and key; of one owner or of all.
  virtual std::vector<Usage> list(const std::optional<std::string>& owner, std::string_view first,
                                  std::string_view last) = 0;
};

/// Who did what, when, from where, and what came of it.
struct AuditEntry {
  int64_t id = 0;  ///< grows
  Time at;
  std::string actor;    ///< a key's id, "local" for a command on the machine, "service"
  std::string action;   ///< "job.submit", "key.create", …
  std::string subject;  ///< what it was done to
  std::string address;  ///< the client's
  std::string result;   ///< "ok", or a problem's code
  std::string request_id;

  bool operator==(const AuditEntry&) const = default;
};

/// Only ever added to; the database refuses to change or remove entries.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual void add(const AuditEntry& entry) = 0;
  /// Newest first, those with an id below `before` (0: all).
  virtual std::vector<AuditEntry> list(int64_t before, int limit) = 0;
};

/// A recording on its way in by the tus protocol, or complete and not yet a job's.
struct Upload {
  std::string id;
  std::string owner;
  std::string blob;      ///< key of the (partial) blob
  std::string metadata;  ///< the Upload-Metadata header, as it came
  int64_t length = 0;    ///< bytes it will have
  bool complete = false;
  Time created_at;
  Time expires_at;

  bool operator==(const Upload&) const = default;
};

class UploadStore {
 public:
  virtual ~UploadStore() = default;
  virtual void add(const Upload& upload) = 0;
  virtual std::optional<Upload> find(std::string_view id) = 0;
  virtual void set_complete(std::string_view id, Time expires_at) = 0;
  /// The upload is a job's now: its row stays until `expires_at`, without a blob and with other
  /// metadata. False when it is gone.
  virtual bool set_used(std::string_view id, std::string_view metadata, Time expires_at) = 0;
  virtual bool erase(std::string_view id) = 0;
  virtual std::vector<Upload> expired(Time now, int limit) = 0;
  /// Forgets the upload if its time is over. Of this and a job that takes its blob at the same
  /// time, one comes first: that job finds no row for set_used(), or is seen here.
  enum class Expiry { kept, of_a_job, nobodys };
  virtual Expiry expire(std::string_view id, Time now) = 0;
  virtual std::vector<Upload> all() = 0;
  /// How many of the owner's have time left and are no job's.
  virtual int64_t count_open(std::string_view owner, Time now) = 0;
};

/// One database with all of it.
class Store {
 public:
  virtual ~Store() = default;
  virtual JobStore& jobs() = 0;
  virtual KeyStore& keys() = 0;
  virtual UsageStore& usage() = 0;
  virtual AuditLog& audit() = 0;
  virtual UploadStore& uploads() = 0;
  /// A secret of this installation (for signing links), made when first asked for: 32 bytes.
  virtual std::string secret(std::string_view name) = 0;
  /// A consistent copy into a file that must not exist, while the service runs.
  virtual Result<void> backup(const std::filesystem::path& file) = 0;
  /// Takes what has been erased out of the database's files, its log too. False while somebody else
  /// reads or writes for long: then it is to be asked again.
  virtual bool scrub() = 0;
  /// Nothing, or what is wrong with the database.
  virtual Result<void> check() = 0;
};

/// How the SQLite database is used.
struct SqliteOptions {
  /// How long another process's lock is waited for before StoreError::busy.
  Milliseconds busy{5000};
  /// Told of every call, as "jobs.update", and how long it took, waiting included. Called by many
  /// threads at once; may not throw.
  std::function<void(std::string_view operation, double seconds)> observer;
};

/// The SQLite database in `file`, made when missing, brought to this program's version by the
/// numbered migrations; or one in memory alone for an empty path. Errors: conflict when it was
/// written by a newer program; io when it is no database or another program's, is damaged, or
/// cannot be opened or written.
Result<std::unique_ptr<Store>> open_sqlite(const std::filesystem::path& file,
                                           const SqliteOptions& options = {});

}  // namespace steno
