#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blob/blob.h"
#include "domain/event.h"
#include "domain/job.h"
#include "service/cursor.h"
#include "service/error.h"
#include "store/job_store.h"

namespace steno {
class Store;
}

namespace steno::service {

/// One page of a list of jobs.
struct PageRequest {
  JobQuery query;
  std::optional<Cursor> cursor;  ///< none: the first page
};
struct JobPage {
  std::vector<Job> jobs;
  std::optional<Cursor> next;  ///< none: this is the last page
};

/// Reads jobs and their results for their owner. A job of another owner is `not_found`.
/// Thread-safe; calls block and throw StoreError.
class JobReader {
 public:
  /// Both are borrowed.
  JobReader(Store& store, blob::BlobStore& blobs) : store_(store), blobs_(blobs) {}

  Outcome<Job> find(std::string_view owner, std::string_view id);
  /// The job of any owner, for a caller that has a signed link to it.
  Outcome<Job> find_of_any_owner(std::string_view id);

  /// Newest first. A list that is followed to its end shows every job once that existed at the
  /// first call, also when jobs are added or removed meanwhile.
  JobPage list(PageRequest wanted);
  /// How many jobs of the batch are in each state, by State. Errors: `not_found`.
  Outcome<std::array<std::int64_t, 5>> count_batch(std::string_view owner, std::string_view id);
  /// How many jobs would start before this pending one.
  std::int64_t place_in_queue(const Job& job);
  /// How many jobs wait, by priority.
  std::vector<Depth> depths();
  /// At most `limit` events of the job with a number above `after`, in order.
  std::vector<Event> events(std::string_view job_id, std::int64_t after, int limit);

  /// Why the recording or the result of the job cannot be read, after its blob was not found.
  /// Errors: `not_found` if the job has been removed meanwhile.
  Outcome<Absence> why_no_recording(std::string_view job_id);
  Outcome<Absence> why_no_result(std::string_view job_id);

  /// A blob of the job, opened; null if it has been removed. Errors: those of storage_error().
  Outcome<std::unique_ptr<blob::BlobReader>> open(const std::string& key);
  /// Bytes of the stored result; nothing if it has been removed. Errors as open().
  Outcome<std::optional<std::uint64_t>> result_size(const Job& job);
  /// The stored result, a transcript as JSON; nothing if it has been removed. Errors as open().
  Outcome<std::optional<std::string>> read_result(const Job& job);

 private:
  Store& store_;
  blob::BlobStore& blobs_;
};

}  // namespace steno::service
