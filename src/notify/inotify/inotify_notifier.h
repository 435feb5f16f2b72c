#pragma once

#include <filesystem>
#include <memory>

#include "notify/notifier.h"

namespace steno {

/// A notifier based on a file: notify() changes the file's times, and the kernel reports that to
/// listeners (inotify). Creates the file if needed. Throws if it cannot be created.
std::unique_ptr<Notifier> open_inotify_notifier(const std::filesystem::path& file);

}  // namespace steno
