#pragma once

#include <optional>
#include <string>

#include "models/models.h"

namespace steno::models {

/// The catalogue's entry for a name, an alias or an owner/repo.
const CatalogueEntry* find_entry(const std::string& name);

/// Whether this is owner/repo with the characters that such hosts allow, and without a part that
/// would leave a folder.
bool is_repo(const std::string& name);

/// The catalogue's name with the most similar spelling, if any is similar.
std::optional<std::string> nearest_name(const std::string& name);

/// The folder for a name or owner/repo, relative to a library folder. Models of the catalogue use
/// their short name.
std::string relative_folder(const std::string& name);

}  // namespace steno::models
