#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace steno {

/// Writes a file completely or not at all. Readers see the old content, or no file, until the new
/// one is complete and on disk, also after a power cut. An existing file keeps its permissions; a
/// symbolic link keeps its target. A path that is not a regular file (`/dev/stdout`, a pipe) is
/// written directly. Two writers of one path do not mix: the last one wins.
///
/// A failure (no such folder, no permission, disk full…) leaves no files. The error is io, and its
/// message names the path and the cause.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace steno
