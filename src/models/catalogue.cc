#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <vector>

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

/// Letters to add, take or change (Levenshtein's distance).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// One part of owner/repo: neither hidden nor an option nor a way out of a folder.
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
  constexpr std::size_t kNear = 3;
  const std::size_t most = std::min(kNear, name.size() / 2 + 1);
  std::optional<std::string> nearest;
  std::size_t least = most + 1;
  const auto consider = [&](const std::string& candidate) {
    const std::size_t far = candidate.empty() ? least : distance(name, candidate);
    if (far >= least) return;
    least = far;
    nearest = candidate;
  };
  for (const auto& entry : kCatalogue) {
    consider(entry.name);
    consider(entry.repo);
    consider(entry.alias);
  }
  return nearest;
}

std::string relative_folder(const std::string& name) {
  const CatalogueEntry* const entry = find_entry(name);
  return entry ? entry->name : name;
}

}  // namespace steno::models
