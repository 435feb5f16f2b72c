#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "api/jobs/job_view.h"
#include "blob/blob.h"
#include "domain/job.h"
#include "http/response.h"

// The stored results and recordings. All of it blocks, and throws ProblemError when the storage
// fails.

namespace steno::api {

/// A blob as the body of an answer; nothing when it is there no more.
std::shared_ptr<http::ByteSource> open_body(blob::BlobStore& blobs, const std::string& key);

/// How many bytes the job's result has; nothing when it is there no more.
std::optional<std::uint64_t> result_size(blob::BlobStore& blobs, const Job& job);

/// The job's result as it is stored, a transcript as JSON; nothing when it is there no more.
std::optional<std::string> read_result(blob::BlobStore& blobs, const Job& job);

/// The transcript without what its client did not ask for. Throws when it is no transcript.
nlohmann::ordered_json transcript_to_show(const std::string& result, const Shown& shown);

}  // namespace steno::api
