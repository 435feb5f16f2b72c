#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace steno {

/// What kind of failure a caller can decide about. Anything nobody here can repair is thrown.
enum class Errc {
  invalid_argument,  ///< a value that makes no sense; the message names it and its range
  not_found,         ///< no such file, model, job
  bad_audio,         ///< not audio, no audio track, empty, encrypted
  bad_model,         ///< a model folder that cannot be read
  unavailable,       ///< a device, host or network that is not there now
  cancelled,         ///< the caller asked for the work to stop
  conflict,          ///< the thing is in another state than the caller took it to be in
  io,                ///< a file that cannot be read or written
  no_space,          ///< a disk or quota that is full: it may pass, and an operator must know
};

/// One failure: its kind, and one line that names the field or file and says what would be right.
struct Error {
  Errc code;
  std::string message;
};

/// A value, or the reason there is none.
template <class T>
using Result = tl::expected<T, Error>;

/// The failed Result: `return fail(Errc::not_found, "no model " + name);`
inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace steno
