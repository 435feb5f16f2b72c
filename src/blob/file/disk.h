#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace steno::blob {

/// Recordings are for the service's own user alone.
constexpr unsigned kFileMode = 0600;
constexpr unsigned kFolderMode = 0700;

/// The folders of a store.
struct Layout {
  std::filesystem::path root;

  std::filesystem::path blobs() const { return root / "blobs"; }
  std::filesystem::path partial() const { return root / "partial"; }
  std::filesystem::path unfinished() const { return root / "unfinished"; }
  std::filesystem::path blob(std::string_view key) const { return blobs() / key; }
  std::filesystem::path upload(std::string_view id) const { return partial() / id; }
};

/// What a failed write comes back as: `no_space` or `io`. A folder that somebody removed is no
/// missing blob.
Error write_error(const std::filesystem::path& path, int error);

/// Locks an open file against other writers and sweeps, of any process, until it is closed. False
/// if another has it, or if `path` no longer names it.
bool try_lock(const Descriptor& file, const std::filesystem::path& path);

/// Makes the complete file at `from`, open as `file`, the blob at `to`: on disk, then by its name.
Result<void> publish(const Descriptor& file, const std::filesystem::path& from,
                     const std::filesystem::path& to);

/// Touches the file at `from` and gives it the name `to` besides, lasting. Errors: `not_found`,
/// `conflict` where `to` is there.
Result<void> link_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file, lasting; one that is missing is no error.
Result<void> remove_file(const std::filesystem::path& path);

/// Removes the files in `folder` that were not written to for `idle` and that nobody has locked:
/// how many.
Result<std::size_t> sweep_folder(const std::filesystem::path& folder, std::chrono::seconds idle);

}  // namespace steno::blob
