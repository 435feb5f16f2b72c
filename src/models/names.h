#pragma once

#include <optional>
#include <string>

#include "models/models.h"

namespace steno::models {

/// The catalogue's entry for a name, an alias or an owner/repo.
const CatalogueEntry* find_entry(const std::string& name);

/// Whether this is owner/repo in the letters that such hosts allow, with no part that would leave
/// a folder.
bool is_repo(const std::string& name);

/// The catalogue's name that is spelled most like `name`, if any is near.
std::optional<std::string> nearest_name(const std::string& name);

/// The folder, relative to a library folder, for a name or owner/repo: what is in the catalogue
/// goes by its name there.
std::string relative_folder(const std::string& name);

}  // namespace steno::models
