#include "service/error.h"

namespace steno::service {
namespace {

ServiceError full_disk() {
  return {ErrorKind::no_space,
          "insufficient_storage",
          "The service has no room left on its disk; try again later",
          {},
          60};
}

ServiceError unavailable(std::string_view code, std::string_view detail, int retry_after_s) {
  return {ErrorKind::unavailable, std::string(code), std::string(detail), {}, retry_after_s};
}

}  // namespace

ServiceError not_found(std::string_view thing) {
  return {ErrorKind::not_found, "not_found", "There is no such " + std::string(thing)};
}

ServiceError conflict(std::string_view code, std::string_view detail) {
  return {ErrorKind::conflict, std::string(code), std::string(detail)};
}

ServiceError gone(std::string_view thing, Absence absence) {
  const std::string subject = "The " + std::string(thing);
  switch (absence) {
    case Absence::expired:
      break;
    case Absence::not_fetched:
      return {ErrorKind::gone, "not_fetched", subject + " was never fetched from its URL"};
    case Absence::lost:
      return {ErrorKind::gone, "lost",
              subject + " is missing in the storage of the service, where it should still be"};
  }
  return {ErrorKind::gone, "gone", subject + " has been deleted, as its time to be kept is over"};
}

ServiceError too_many(std::string_view code, std::string_view detail, int retry_after_s) {
  return {ErrorKind::too_many, std::string(code), std::string(detail), {}, retry_after_s};
}

ServiceError invalid_field(std::string_view code, std::string_view path, std::string_view message) {
  return {ErrorKind::invalid,
          std::string(code),
          std::string(message),
          {{std::string(path), std::string(message), std::string(code)}}};
}

ServiceError invalid_fields(std::vector<FieldError> fields) {
  const FieldError& first = fields.front();
  ServiceError error{ErrorKind::invalid, first.code, first.path + " " + first.message};
  if (fields.size() > 1) {
    error.detail += " (and " + std::to_string(fields.size() - 1) + " more: see errors)";
  }
  error.fields = std::move(fields);
  return error;
}

ServiceError storage_error(const Error& error) {
  if (error.code == Errc::no_space) return full_disk();
  return unavailable("storage_unavailable", "The service cannot read or write its storage now", 5);
}

ServiceError database_error(const StoreError& error) {
  switch (error.kind()) {
    case StoreError::Kind::busy:
      return unavailable("database_busy", "The database is busy; try again", 1);
    case StoreError::Kind::no_space:
      return full_disk();
    case StoreError::Kind::other:
      break;
  }
  return unavailable("database_unavailable", "The database cannot be read or written now", 5);
}

}  // namespace steno::service
