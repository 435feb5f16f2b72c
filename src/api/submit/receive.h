#pragma once

#include <memory>
#include <vector>

#include "api/service.h"
#include "api/submit/recording.h"
#include "api/submit/submission_form.h"

namespace steno::api {

/// The largest recording that a JSON body may contain in base64.
inline constexpr std::uint64_t kMostInlineBytes = std::uint64_t{64} << 20;
/// The most recordings of one submission, as files or URLs.
inline constexpr std::size_t kMostRecordings = 100;

/// The parts of a submission's body.
struct Received {
  SubmissionForm form;
  std::vector<std::unique_ptr<Recording>> recordings;  ///< all of them finished
};

/// Reads the whole body of a submission: JSON, multipart/form-data, a recording as it is, or none.
/// Fields may also be in the query. Throws ProblemError: 400 for a malformed body, 415;
/// RequestError: `malformed`, `too_large`, `invalid`, those of Recording.
http::Task<Received> receive(http::Request& request, Service& service, service::Hashing hashing);

/// Whether a part of this name holds a recording of a form.
bool is_file_field(std::string_view name);

}  // namespace steno::api
