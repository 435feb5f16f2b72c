#pragma once

#include <filesystem>
#include <memory>

#include "blob/staging.h"

namespace steno::blob {

/// Staged uploads as files in `folder`, one each, locked by its writer. Several processes of one
/// machine may use the folder at once. Makes the folder if it is missing. Fails with `io` or
/// `no_space` and a message that names the folder if it cannot be made or written to.
Result<std::unique_ptr<UploadStaging>> open_file_staging(const std::filesystem::path& folder);

}  // namespace steno::blob
