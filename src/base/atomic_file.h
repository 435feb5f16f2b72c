#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace steno {

/// Writes a file whole or not at all: readers see the old content, or none, until the new one is
/// complete and on disk, also after a power cut. An existing file keeps its permissions; a symbolic
/// link keeps pointing where it does. A path that is no regular file (`/dev/stdout`, a pipe) is
/// written to as it is. Two writers of one path do not mix: the last one wins.
///
/// On failure (no such folder, no permission, disk full…) nothing is left behind and the Error is
/// io, its message naming the path and the cause.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace steno
