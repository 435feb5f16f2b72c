#pragma once

#include <memory>
#include <vector>

#include "api/service.h"
#include "api/submit/recording.h"
#include "api/submit/submission.h"

namespace steno::api {

/// The audio that a JSON body may hold in base64.
inline constexpr std::uint64_t kMostInlineBytes = std::uint64_t{64} << 20;
/// Recordings of one submission, as files or URLs.
inline constexpr std::size_t kMostRecordings = 100;

/// A submission's body, taken apart.
struct Received {
  SubmissionForm form;
  std::vector<std::unique_ptr<Recording>> recordings;  ///< each finished
};

/// Reads the whole body of a submission: JSON, multipart/form-data, a recording as it is, or none;
/// fields may stand in the query, too. Throws ProblemError: 400 for what is malformed, 413, 415,
/// 422 for audio that is none, 503 and 507 of the store.
http::Task<Received> receive(http::Request& request, Service& service, Recording::Hashing hashing);

/// The recording of a form comes in a part of one of these names.
bool is_file_field(std::string_view name);

}  // namespace steno::api
