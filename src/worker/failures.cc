#include "worker/failures.h"

#include "telemetry/log.h"

namespace steno {

std::string_view code_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::not_found:
      return "not_found";
    case Errc::bad_audio:
      return "bad_audio";
    case Errc::bad_model:
      return "bad_model";
    case Errc::unavailable:
      return "unavailable";
    case Errc::cancelled:
      return "cancelled";
    case Errc::conflict:
      return "conflict";
    case Errc::io:
      return "io";
    case Errc::no_space:
      return "no_space";
  }
  return "internal";
}

Retry retry_of(Errc code) {
  const bool is_lasting =
      code == Errc::bad_audio || code == Errc::invalid_argument || code == Errc::bad_model;
  return is_lasting ? Retry::no : Retry::yes;
}

Error storage_error(const Error& error, std::string_view job_id, Log& log) {
  log.error("storage failed", {{"job_id", job_id}, {"error", error.message}});
  if (error.code == Errc::no_space) return {error.code, "there is no room left on the server"};
  return {Errc::io, "a file of the server could not be read or written"};
}

}  // namespace steno
