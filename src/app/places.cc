#include "app/places.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace steno::app {
namespace {

namespace fs = std::filesystem;

std::string not_writable(const std::string& what, const fs::path& path) {
  return what + " " + path.string() +
         " cannot be written: " + std::generic_category().message(errno) +
         "; give the user of this process access to it";
}

bool is_missing(const fs::path& path) {
  std::error_code error;
  return fs::status(path, error).type() == fs::file_type::not_found;
}

/// Why no name can be added to the folder, which exists; empty if one can.
std::string complaint_about_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error) && !error) return folder.string() + " is not a folder";
  if (access(folder.c_str(), R_OK | W_OK | X_OK) != 0) return not_writable("the folder", folder);
  return "";
}

std::string complaint_about_parent(const fs::path& path) {
  const fs::path parent = path.parent_path();
  if (!is_missing(parent)) return complaint_about_folder(parent);
  return "the folder " + parent.string() + " does not exist; make it, or mount its disk";
}

/// "/srv/blobs/" is the folder "/srv/blobs".
fs::path without_last_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

PlaceState look_at_file(const fs::path& file) {
  if (is_missing(file)) return {false, complaint_about_parent(file)};
  std::error_code error;
  if (fs::is_directory(file, error)) return {false, file.string() + " is a folder, not a file"};
  if (access(file.c_str(), R_OK | W_OK) != 0) return {true, not_writable("the file", file)};
  return {true, complaint_about_parent(file)};
}

PlaceState look_at_folder(const fs::path& path) {
  const fs::path folder = without_last_slash(path);
  if (is_missing(folder)) return {false, complaint_about_parent(folder)};
  return {true, complaint_about_folder(folder)};
}

PlaceState look_at_folder_with_parents(const fs::path& path) {
  fs::path folder = without_last_slash(path);
  const bool exists = !is_missing(folder);
  while (is_missing(folder) && folder.has_relative_path()) folder = folder.parent_path();
  return {exists, complaint_about_folder(folder)};
}

}  // namespace steno::app
