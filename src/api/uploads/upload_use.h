#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/service.h"
#include "store/submission.h"

namespace steno::api {

// When a job has taken an upload, its row stays for ApiOptions::idempotency_ttl without a blob and
// names the job. So a repeated submission gets the same answer, and another one a clear error.

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

/// For the submission of the job that takes the upload: the blob of the upload becomes the job's.
UploadUse use_of_upload(const Service& service, std::string_view id, std::string_view job_id,
                        const std::optional<std::string>& fingerprint);

/// The problem of a submission whose upload has gone or was taken since find_usable_upload().
/// Blocks.
http::Problem why_upload_is_unusable(Service& service, std::string_view id, std::string_view owner);

}  // namespace steno::api
