#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/service.h"

namespace steno::api {

// What became of an upload once a job has taken it: its row stays for ApiOptions::idempotency_ttl
// without a blob and names the job, so that a repeated submission gets the same answer and another
// one a clear error.

/// A finished upload that a submission names.
struct UsableUpload {
  AudioSource source;
  std::string job_id;  ///< the job that took it, when the same was submitted before; else empty
};

/// Looks for the upload of `owner`. Problems: 404 `unknown_upload` (also for somebody else's and an
/// expired one), 409 `upload_incomplete` and `upload_consumed`. `fingerprint` is the submission's,
/// if it has an idempotency key. Blocks.
tl::expected<UsableUpload, http::Problem> find_usable_upload(
    Service& service, std::string_view id, std::string_view owner,
    const std::optional<std::string>& fingerprint);

/// The job has taken the upload: its blob is the job's now. 404 `unknown_upload` when the upload
/// has gone before the job came, and its blob with it. Blocks.
tl::expected<void, http::Problem> note_use(Service& service, std::string_view id,
                                           std::string_view job_id,
                                           const std::optional<std::string>& fingerprint);

}  // namespace steno::api
