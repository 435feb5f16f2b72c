#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "api/jobs/job_view.h"
#include "base/result.h"
#include "http/response.h"
#include "service/job_reader.h"

namespace steno::api {

/// A blob of a job as the body of an answer; null if it has been removed. Blocks; throws
/// RequestError when the storage fails.
std::shared_ptr<http::ByteSource> open_body(service::JobReader& jobs, const std::string& key);

/// The stored transcript without the parts that its client did not ask for. Fails with io if
/// `result` is damaged.
Result<nlohmann::ordered_json> transcript_to_show(const std::string& result, const Shown& shown);

}  // namespace steno::api
