#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/store_error.h"

// How the use cases of this folder report a failure. They know no HTTP: each group of routes writes
// a ServiceError in the shape that its clients expect (api/core/errors.h), and the command line
// prints it.

namespace steno::service {

/// The kind of a failure. A protocol maps each kind to one status of its own.
enum class ErrorKind {
  malformed,          ///< the request cannot be read at all
  invalid,            ///< a value is wrong; `fields` names it
  forbidden,          ///< the caller lacks a scope
  not_found,          ///< no such thing, or it belongs to another owner
  conflict,           ///< the thing is in a state that does not allow this
  gone,               ///< retention or expiry has removed it
  too_large,          ///< more bytes than allowed
  locked,             ///< another request is writing it
  checksum_mismatch,  ///< the bytes do not have the hash that the client sent
  too_many,           ///< a limit is reached for now
  unavailable,        ///< the database or the storage does not work now
  no_space,           ///< the disk is full
};

/// One value that is wrong.
struct FieldError {
  std::string path;       ///< JSON path, query key, header name or field name
  std::string message;    ///< says what would be right
  std::string code = {};  ///< stable: "out_of_range", …; empty: that of the whole error
};

/// Why a use case did not do what it was asked for.
struct ServiceError {
  ErrorKind kind = ErrorKind::invalid;
  std::string code;    ///< stable, snake_case, for programs
  std::string detail;  ///< for people; no secrets, no paths of the machine
  std::vector<FieldError> fields = {};
  int retry_after_s = 0;  ///< 0: the client gets no hint when to try again
};

/// A value, or the reason there is none.
template <class T>
using Outcome = tl::expected<T, ServiceError>;

/// The failed Outcome: `return refuse(not_found("job"));`
inline tl::unexpected<ServiceError> refuse(ServiceError error) {
  return tl::unexpected<ServiceError>(std::move(error));
}

/// `not_found`. `thing`: "job", "upload".
ServiceError not_found(std::string_view thing);

/// `conflict` with this code.
ServiceError conflict(std::string_view code, std::string_view detail);

/// Why something of a job cannot be read any more.
enum class Absence {
  expired,      ///< retention has removed it
  not_fetched,  ///< it was never fetched from its URL
  lost,         ///< it should be kept, and it is not in the storage
};

/// `gone` with the code `gone`, `not_fetched` or `lost`. `thing`: "recording", "result".
ServiceError gone(std::string_view thing, Absence absence);

/// `too_many` with this code.
ServiceError too_many(std::string_view code, std::string_view detail, int retry_after_s);

/// `invalid` for one field.
ServiceError invalid_field(std::string_view code, std::string_view path, std::string_view message);

/// One error for several wrong fields. The code is that of the first field. `fields` is not empty.
ServiceError invalid_fields(std::vector<FieldError> fields);

/// A failure of the blob store: `no_space` with the code `insufficient_storage` if the disk is
/// full, else `unavailable` with `storage_unavailable`. The message of `error` may contain paths,
/// so the caller logs it.
ServiceError storage_error(const Error& error);

/// A failure of the database: `unavailable` with `database_busy` or `database_unavailable`, or
/// `no_space` with `insufficient_storage`.
ServiceError database_error(const StoreError& error);

}  // namespace steno::service
