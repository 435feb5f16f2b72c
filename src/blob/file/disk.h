#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace steno::blob {

/// Only the service's own user may read recordings.
constexpr unsigned kFileMode = 0600;
constexpr unsigned kFolderMode = 0700;

/// The folders of a store.
struct Layout {
  std::filesystem::path root;

  std::filesystem::path blobs() const { return root / "blobs"; }
  std::filesystem::path unfinished() const { return root / "unfinished"; }
  std::filesystem::path blob(std::string_view key) const { return blobs() / key; }
};

/// The error of a failed write: `no_space` or `io`. A removed folder is not a missing blob.
Error write_error(const std::filesystem::path& path, int error);

/// Makes the folder if it is missing and checks the right to write there. Needs no free space, so
/// that a full disk does not keep a service from starting. The error names the folder.
Result<void> prepare_folder(const std::filesystem::path& folder);

/// The bytes that the service's user can still write to the disk of `folder`.
Result<std::optional<std::uint64_t>> free_bytes_at(const std::filesystem::path& folder);

/// Moves the complete file at `from`, open as `file`, to `to`: first its content on disk, then the
/// name. Returns 0 or errno, EXDEV for another file system.
int move_file(const Descriptor& file, const std::filesystem::path& from,
              const std::filesystem::path& to);

/// Sets the file's times to now and gives it the second name `to`, durably. Errors: `not_found`,
/// `conflict` if `to` exists.
Result<void> link_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file, durably. A missing file is no error.
Result<void> remove_file(const std::filesystem::path& path);

/// Whether the open file is a leftover. Asked before the lock, so that files in use are not
/// disturbed.
using IsLeftover = std::function<bool(const Descriptor& file, const std::filesystem::path& path)>;

/// Whether the file was not written to for `idle`.
bool is_older(const Descriptor& file, std::chrono::seconds idle);

/// Removes the leftover files in `folder` that are not locked. Returns their number.
Result<std::size_t> sweep_folder(const std::filesystem::path& folder,
                                 const IsLeftover& is_leftover);

}  // namespace steno::blob
