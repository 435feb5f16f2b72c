#pragma once

#include <filesystem>
#include <memory>

#include "notify/notifier.h"

namespace steno {

/// A notifier that is a file: who rings writes to it, who listens is told by the kernel (inotify).
/// Made when missing. Throws when it cannot be made.
std::unique_ptr<Notifier> open_inotify_notifier(const std::filesystem::path& file);

}  // namespace steno
