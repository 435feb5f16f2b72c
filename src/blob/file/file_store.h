#pragma once

#include <filesystem>
#include <memory>

#include "blob/blob.h"

namespace steno::blob {

/// A store in a local folder, which several processes may use at once:
///
///     blobs/<key>     the blobs
///     unfinished/     blobs that are being written; locked by their writers
///
/// Makes the folders if they are missing. Fails with `io` or `no_space` and a message that names
/// the folder if they cannot be made or written to.
Result<std::unique_ptr<BlobStore>> open_file_store(const std::filesystem::path& root);

}  // namespace steno::blob
