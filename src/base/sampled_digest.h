#pragma once

#include <filesystem>
#include <string>

namespace steno {

/// Stands for the files right in a folder: a digest of their names, sizes and some of their bytes,
/// of small files all. Takes milliseconds however large they are. A file that cannot be read counts
/// as an empty one. Never fails.
std::string sampled_digest(const std::filesystem::path& folder);

}  // namespace steno
