#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace steno {

/// The kinds of failures that a caller can handle. Failures that nothing nearby can repair are
/// thrown.
enum class Errc {
  invalid_argument,  ///< an invalid value; the message names it and its range
  not_found,         ///< no such file, model, job
  bad_audio,         ///< not audio, no audio track, empty, encrypted
  bad_model,         ///< a model folder that cannot be read
  unavailable,       ///< a device, host or network that is not available now
  cancelled,         ///< the caller requested a stop
  conflict,          ///< the object is in another state than the caller assumed
  io,                ///< a file that cannot be read or written
  no_space,          ///< a full disk or quota: may be temporary, and an operator must know
};

/// A failure: its kind, and one line that names the field or file and states what is valid.
struct Error {
  Errc code;
  std::string message;
};

/// A value, or the reason why there is none.
///
///     Result<Job> job = find_job(id);
///     if (!job) return tl::unexpected(job.error());
///     use(*job);
template <class T>
using Result = tl::expected<T, Error>;

/// A failed Result: `return fail(Errc::not_found, "no model " + name);`
inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace steno
