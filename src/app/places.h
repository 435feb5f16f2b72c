#pragma once

#include <filesystem>
#include <string>

namespace steno::app {

/// The state of a place where data is or could be kept.
struct PlaceState {
  bool exists = false;    ///< if not, `steno serve` makes it
  std::string complaint;  ///< why it cannot be used or made, and the next step; empty: it can
};

/// A file that is written together with others in its folder. The folder must exist.
PlaceState look_at_file(const std::filesystem::path& file);

/// A folder that is made only in an existing one: a missing parent may be a mistyped name, or a
/// disk that is not mounted.
PlaceState look_at_folder(const std::filesystem::path& folder);

/// A folder that is made with its missing parents.
PlaceState look_at_folder_with_parents(const std::filesystem::path& folder);

}  // namespace steno::app
