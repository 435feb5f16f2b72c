#include "service/job_reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "blob/blob.h"
#include "store/store.h"

namespace steno::service {
namespace {

constexpr std::size_t kMostResultBytes = std::size_t{1} << 30;

/// Starts the list after the cursor. If the cursor's job has been removed, its time is used.
void start_after(const Cursor& cursor, JobStore& jobs, JobQuery& query) {
  const auto job = jobs.find(cursor.job_id);
  if (job && job->owner == query.owner) {
    query.after_id = cursor.job_id;
    return;
  }
  const auto bound = cursor.created_at + Milliseconds(1);
  query.created_before = query.created_before ? std::min(*query.created_before, bound) : bound;
}

bool is_at_or_before(const Job& job, const Cursor& cursor) {
  return std::tie(job.created_at, job.id) >= std::tie(cursor.created_at, cursor.job_id);
}

/// The value; nothing for a blob that has been removed.
template <class T>
Outcome<std::optional<T>> unless_removed(Result<T> result) {
  if (result) return std::optional<T>(*std::move(result));
  if (result.error().code == Errc::not_found) return std::optional<T>();
  return refuse(storage_error(result.error()));
}

}  // namespace

Outcome<Job> JobReader::find(std::string_view owner, std::string_view id) {
  auto job = store_.jobs().find(id);
  if (!job || job->owner != owner) return refuse(not_found("job"));
  return *std::move(job);
}

Outcome<Job> JobReader::find_of_any_owner(std::string_view id) {
  auto job = store_.jobs().find(id);
  if (!job) return refuse(not_found("job"));
  return *std::move(job);
}

JobPage JobReader::list(PageRequest wanted) {
  if (wanted.cursor) start_after(*wanted.cursor, store_.jobs(), wanted.query);
  const int limit = wanted.query.limit++;  // one more tells whether there is a next page
  JobPage page{store_.jobs().list(wanted.query), {}};
  const bool has_more = std::ssize(page.jobs) > limit;
  if (has_more) {
    page.jobs.pop_back();
    page.next = Cursor{page.jobs.back().created_at, page.jobs.back().id};
  }
  if (wanted.cursor) {
    std::erase_if(page.jobs, [&](const Job& job) { return is_at_or_before(job, *wanted.cursor); });
  }
  return page;
}

Outcome<std::array<std::int64_t, 5>> JobReader::count_batch(std::string_view owner,
                                                            std::string_view id) {
  const auto counts = store_.jobs().count_batch(id, owner);
  if (!counts) return refuse(not_found("batch"));
  return *counts;
}

std::int64_t JobReader::place_in_queue(const Job& job) { return store_.jobs().place_in_queue(job); }

std::vector<Depth> JobReader::depths() { return store_.jobs().depths(); }

std::vector<Event> JobReader::events(std::string_view job_id, std::int64_t after, int limit) {
  return store_.events().events_of(job_id, after, limit);
}

// The job is read again: retention may have been at work since its blob was looked for.
Outcome<Absence> JobReader::why_no_recording(std::string_view job_id) {
  const auto job = find_of_any_owner(job_id);
  if (!job) return refuse(job.error());
  if (!job->source.blob.empty()) return Absence::lost;
  const bool was_fetched = job->source.url.empty() || job->source.bytes > 0;
  return was_fetched ? Absence::expired : Absence::not_fetched;
}

Outcome<Absence> JobReader::why_no_result(std::string_view job_id) {
  const auto job = find_of_any_owner(job_id);
  if (!job) return refuse(job.error());
  return Absence::lost;  // retention removes a result with its job
}

Outcome<std::unique_ptr<blob::BlobReader>> JobReader::open(const std::string& key) {
  if (key.empty()) return nullptr;
  auto reader = unless_removed(blobs_.open(key));
  if (!reader) return refuse(reader.error());
  return *reader ? **std::move(reader) : nullptr;
}

Outcome<std::optional<std::uint64_t>> JobReader::result_size(const Job& job) {
  if (job.result.empty()) return std::optional<std::uint64_t>();
  return unless_removed(blob::blob_size(blobs_, job.result));
}

Outcome<std::optional<std::string>> JobReader::read_result(const Job& job) {
  if (job.result.empty()) return std::optional<std::string>();
  return unless_removed(blob::get_blob(blobs_, job.result, kMostResultBytes));
}

}  // namespace steno::service
