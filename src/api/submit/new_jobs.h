#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "api/service.h"
#include "api/submit/recording.h"
#include "api/submit/submission.h"

namespace steno::api {

/// Everything that makes the jobs of one submission.
struct Order {
  const Submission& submission;
  std::span<const std::unique_ptr<Recording>> recordings;  ///< finished
  http::Request& request;                                  ///< waits meanwhile
  std::optional<std::string> idempotency_key;

  /// Several recordings, or a list of URLs.
  bool is_batch() const { return recordings.size() > 1 || submission.is_list(); }
};

/// What a client gets for it.
struct Accepted {
  std::vector<Job> jobs;  ///< in the order of the recordings
  std::string batch_id;   ///< "" without a batch
  bool replayed = false;  ///< the same was submitted before: these are its jobs
};

/// Stores the recordings and adds the jobs in one transaction: all of them, or nothing is left.
/// With an idempotency key, a repeated submission returns its first jobs. Blocks; throws
/// StoreError. The problems: 404 `unknown_upload`, 409 `upload_incomplete`, `upload_consumed`, 422
/// `unknown_model`, `out_of_range`, `idempotency_key_reused`, 429 `queue_full`, `owner_queue_full`,
/// 503 and 507 of the store.
tl::expected<Accepted, http::Problem> make_jobs(Service& service, const Order& order);

/// Keeps a small blob that a new job will have; 503 and 507 of the store. Blocks.
tl::expected<void, http::Problem> keep_blob(Service& service, const std::string& key,
                                            std::string_view content);

/// Removes a blob that no stored job names. Blocks.
void drop_blob(Service& service, const std::string& key);

/// For a submission that has thrown StoreError: removes its blobs, unless its job is stored after
/// all or the store does not answer. Then they stay, and housekeeping removes orphans. Blocks.
void drop_unless_stored(Service& service, const std::string& job_id,
                        const std::vector<std::string>& keys);

/// The installed model that is meant, for a submission that names one or none; 422 `unknown_model`
/// says which there are. Never a folder elsewhere. Blocks.
tl::expected<std::string, http::Problem> find_model(const Service& service,
                                                    const std::optional<std::string>& name);

}  // namespace steno::api
