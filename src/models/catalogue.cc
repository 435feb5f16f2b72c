#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "base/nearest.h"
#include "models/models.h"
#include "models/names.h"

namespace steno::models {
namespace {

const std::array kCatalogue = {
    CatalogueEntry{"tiny", "Systran/faster-whisper-tiny", "99 languages", 78, ""},
    CatalogueEntry{"tiny.en", "Systran/faster-whisper-tiny.en", "English", 78, ""},
    CatalogueEntry{"base", "Systran/faster-whisper-base", "99 languages", 148, ""},
    CatalogueEntry{"base.en", "Systran/faster-whisper-base.en", "English", 148, ""},
    CatalogueEntry{"distil-small.en", "Systran/faster-distil-whisper-small.en", "English", 335, ""},
    CatalogueEntry{"small", "Systran/faster-whisper-small", "99 languages", 486, ""},
    CatalogueEntry{"small.en", "Systran/faster-whisper-small.en", "English", 486, ""},
    CatalogueEntry{"distil-medium.en", "Systran/faster-distil-whisper-medium.en", "English", 791,
                   ""},
    CatalogueEntry{"distil-large-v2", "Systran/faster-distil-whisper-large-v2", "English", 1516,
                   ""},
    CatalogueEntry{"distil-large-v3", "Systran/faster-distil-whisper-large-v3", "English", 1516,
                   ""},
    CatalogueEntry{"distil-large-v3.5", "distil-whisper/distil-large-v3.5-ct2", "English", 1516,
                   ""},
    CatalogueEntry{"medium", "Systran/faster-whisper-medium", "99 languages", 1530, ""},
    CatalogueEntry{"medium.en", "Systran/faster-whisper-medium.en", "English", 1530, ""},
    CatalogueEntry{"large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
                   "100 languages", 1620, "turbo"},
    CatalogueEntry{"ivrit-ai/whisper-large-v3-turbo-ct2", "ivrit-ai/whisper-large-v3-turbo-ct2",
                   "Hebrew", 1620, ""},
    CatalogueEntry{"large-v1", "Systran/faster-whisper-large-v1", "99 languages", 3090, ""},
    CatalogueEntry{"large-v2", "Systran/faster-whisper-large-v2", "99 languages", 3090, ""},
    CatalogueEntry{"large-v3", "Systran/faster-whisper-large-v3", "100 languages", 3090, "large"},
    CatalogueEntry{"ivrit-ai/whisper-large-v3-ct2", "ivrit-ai/whisper-large-v3-ct2", "Hebrew", 3090,
                   ""},
};

/// Whether this is a valid part of owner/repo: not hidden, not an option, and not a path out of a
/// folder.
bool is_part(const std::string& part) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  };
  return !part.empty() && part.size() <= 96 && part.front() != '.' && part.front() != '-' &&
         part.find("..") == std::string::npos && std::all_of(part.begin(), part.end(), allowed);
}

}  // namespace

std::span<const CatalogueEntry> catalogue() { return kCatalogue; }

const CatalogueEntry* find_entry(const std::string& name) {
  const auto found = std::find_if(kCatalogue.begin(), kCatalogue.end(), [&](const auto& entry) {
    return name == entry.name || name == entry.repo || (!name.empty() && name == entry.alias);
  });
  return found == kCatalogue.end() ? nullptr : &*found;
}

bool is_repo(const std::string& name) {
  const auto slash = name.find('/');
  return slash != std::string::npos && is_part(name.substr(0, slash)) &&
         is_part(name.substr(slash + 1));
}

std::optional<std::string> nearest_name(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& entry : kCatalogue) {
    names.insert(names.end(), {entry.name, entry.repo});
    if (!entry.alias.empty()) names.push_back(entry.alias);
  }
  return nearest(name, names);
}

std::string relative_folder(const std::string& name) {
  const CatalogueEntry* const entry = find_entry(name);
  return entry ? entry->name : name;
}

}  // namespace steno::models
