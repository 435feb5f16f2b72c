#pragma once

#include <string>

#include "app/config/settings.h"
#include "base/result.h"

namespace steno::app {

/// The content of a backup.
enum class BackupContent {
  database,  ///< one file
  all,       ///< a folder that can serve as a data folder: the database, audio and results
};

/// Copies the database, or all, to `target`, which must not exist, while the service runs. Returns
/// a line for the operator.
Result<std::string> back_up(const Settings& settings, const std::string& target,
                            BackupContent content);

/// Makes the backup `source`, a file or a folder, the data of the service, which must not run. The
/// database that was there is kept under another name; blobs are only added. Returns lines for the
/// operator.
Result<std::string> restore(const Settings& settings, const std::string& source);

}  // namespace steno::app
