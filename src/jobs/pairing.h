#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"

namespace steno {

class Store;
namespace blob {
class BlobStore;
}

/// Whether the database may decide what is deleted from the blob store.
enum class Match {
  unknown,       ///< not examined yet
  same,          ///< they belong together
  new_database,  ///< the blobs belong to a database that is missing
  foreign,       ///< they belong to another database
  older,         ///< the database is older than the blobs: a restored copy
  damaged,       ///< the database is damaged, so it may not name all blobs
};

/// All but Match::same.
inline constexpr std::array kMismatches = {Match::unknown, Match::new_database, Match::foreign,
                                           Match::older, Match::damaged};

/// "new_database", …
std::string_view to_string(Match match);

/// Why nothing is deleted, for an operator, with what to do. Empty for Match::same.
std::string describe(Match match);

/// Key of the blob that keeps the id of the installation and its generation.
inline constexpr std::string_view kInstallationBlob = "installation";

/// Pairs a database with its blobs.
///
/// Problem: a blob that no row names is an orphan. If the database is missing, restored from a
/// copy, or another one, that is every blob. Idea: both keep the id of their installation and a
/// generation, the blob store as the blob `installation`. The generation grows with each start,
/// each minute and each backup, in the database first. So a copy of the database has a lower one
/// than the blobs. Where there is no generation yet, or a copy is younger than a minute, blobs that
/// are newer than the last write of the database show that it is older. What is found is stored,
/// and stays until accept().
///
/// Thread-safe; calls block and throw StoreError. Errors: those of the blob store.
class Pairing {
 public:
  /// Both outlive it. To be made before this process writes to the database.
  Pairing(Store& store, blob::BlobStore& blobs);

  /// Compares both, without a write.
  Result<Match> examine();
  /// For the service: checks the database for damage, compares both, stores the result, and pairs a
  /// new database with an empty blob store. Takes long if there are many rows or blobs.
  Result<Match> begin();
  /// Begins the next generation if both still belong together.
  Result<void> advance();
  /// Makes `copy` the blob store of a copy of the database that is made later.
  Result<void> mark(blob::BlobStore& copy);
  /// The operator confirms that the database and the blobs belong together.
  Result<void> accept();

  /// As of the last call of one of the above.
  Match match() const;

 private:
  struct Mark;

  Result<Match> compare();
  /// `otherwise` if there are blobs that an earlier process wrote after `time`; without a time, if
  /// there are any of one.
  Result<Match> match_by_blobs(std::optional<Time> time, Match otherwise);
  Result<bool> has_blobs_after(std::optional<Time> time);
  Result<std::optional<Mark>> read_blob_mark();
  std::optional<Mark> read_row() const;
  bool write_row(const std::optional<std::string>& before, const Mark& mark);
  static Result<void> write_blob_mark(blob::BlobStore& blobs, const Mark& mark);
  Match set(Match match);

  Store& store_;
  blob::BlobStore& blobs_;
  const std::optional<Time> last_write_;  ///< of the database, by an earlier process
  const Time opened_;                     ///< blobs that are newer may be this process's
  mutable Mutex mutex_;
  Match match_ GUARDED_BY(mutex_) = Match::unknown;
};

}  // namespace steno
