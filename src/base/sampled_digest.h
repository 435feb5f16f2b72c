#pragma once

#include <filesystem>
#include <string>

namespace steno {

/// Stands for the files right in a folder: a digest of their names, sizes and some of their bytes,
/// of small files all. Takes milliseconds however large they are. A file that cannot be read counts
/// as an empty one. Never fails.
std::string sampled_digest(const std::filesystem::path& folder);

/// The same for one file.
std::string sampled_digest_of_file(const std::filesystem::path& file);

}  // namespace steno
