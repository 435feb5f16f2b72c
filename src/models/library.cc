#include <algorithm>
#include <filesystem>
#include <map>

#include "models/folder.h"
#include "models/model_file.h"
#include "models/models.h"
#include "models/names.h"

namespace steno::models {
namespace fs = std::filesystem;
namespace {

bool holds_model(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / kWeightsFile, ignored);
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// The folders in a folder, without hidden ones.
std::vector<fs::path> folders_in(const fs::path& parent) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    if (entry.is_directory(ignored) && !is_hidden(entry.path())) folders.push_back(entry.path());
  }
  return folders;
}

bool is_spelled_as_path(const std::string& name) {
  return name.starts_with('/') || name.starts_with("./") || name.starts_with("../") ||
         name == "." || name == "..";
}

/// Whether the name is a folder inside a library folder and cannot lead elsewhere.
bool is_inside(const std::string& name) {
  if (is_repo(name)) return true;
  return !name.empty() && !name.starts_with('.') && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

tl::unexpected<Error> unknown(const std::string& name) {
  if (find_entry(name) != nullptr || is_repo(name)) {
    return fail(Errc::not_found,
                "model " + name + " is not installed; get it with: steno models pull " + name);
  }
  if (is_spelled_as_path(name)) return fail(Errc::not_found, "no model folder " + name);
  std::string message = "no model " + name;
  if (const auto nearest = nearest_name(name)) message += "; did you mean " + *nearest + "?";
  return fail(Errc::not_found,
              message + " (a name from `steno models`, owner/repo, or a folder that holds " +
                  kWeightsFile + ")");
}

Result<Folder> as_folder(const std::string& name) {
  if (auto there = glance(name); !there) return tl::unexpected(there.error());
  // A path that ends in a slash has an empty filename.
  const fs::path path = (fs::absolute(name) / "").lexically_normal().parent_path();
  return Folder{path.filename().string(), path.string()};
}

}  // namespace

std::optional<Folder> Library::find_installed(const std::string& name) const {
  if (!is_inside(name)) return std::nullopt;
  const CatalogueEntry* const entry = find_entry(name);
  std::vector<std::string> relative = {relative_folder(name)};
  if (entry != nullptr && entry->repo != relative.front()) relative.push_back(entry->repo);
  for (const auto& folder : folders_) {
    for (const auto& place : relative) {
      const fs::path path = fs::path(folder) / place;
      if (holds_model(path)) return Folder{relative.front(), path.string()};
    }
  }
  return std::nullopt;
}

Result<Folder> Library::resolve(const std::string& name) const {
  if (name.empty()) return fail(Errc::invalid_argument, "the name of the model is empty");
  if (!is_spelled_as_path(name)) {
    if (auto found = find_installed(name)) {
      if (auto whole = glance(found->path); !whole) return tl::unexpected(whole.error());
      return *found;
    }
  }
  std::error_code ignored;
  if (fs::exists(name, ignored)) return as_folder(name);
  return unknown(name);
}

std::vector<Folder> Library::installed() const {
  std::map<std::string, Folder> found;
  const auto add = [&](const std::string& relative, const fs::path& path) {
    const std::string name = relative_folder(relative);
    if (holds_model(path)) found.emplace(name, Folder{name, path.string()});
  };
  for (const auto& folder : folders_) {
    for (const auto& outer : folders_in(folder)) {
      add(outer.filename().string(), outer);
      for (const auto& inner : folders_in(outer)) {
        add(outer.filename().string() + "/" + inner.filename().string(), inner);
      }
    }
  }
  std::vector<Folder> models;
  for (auto& [name, folder] : found) models.push_back(std::move(folder));
  return models;
}

Result<Folder> Library::remove(const std::string& name) const {
  const auto found = find_installed(name);
  if (!found) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored)) {
      return fail(Errc::invalid_argument,
                  name + " is a folder of your own; only installed models are removed, by name");
    }
    return fail(Errc::not_found, "model " + name + " is not installed");
  }
  // Renamed to a hidden name first, so that a partly removed folder is never found as a model.
  const fs::path path(found->path);
  const fs::path hidden = path.parent_path() / ("." + path.filename().string() + ".removed");
  std::error_code error;
  fs::remove_all(hidden, error);
  fs::rename(path, hidden, error);
  if (!error) fs::remove_all(hidden, error);
  if (error) return fail(Errc::io, found->path + ": cannot be removed: " + error.message());
  const auto is_parent = [&](const auto& folder) { return fs::path(folder) == path.parent_path(); };
  if (std::none_of(folders_.begin(), folders_.end(), is_parent)) {
    fs::remove(path.parent_path(), error);  // removes the owner's folder if it is empty now
  }
  return *found;
}

}  // namespace steno::models
