#include "jobs/trash.h"

#include <utility>

namespace steno {
namespace {

std::string trash_key(const std::string& key) { return std::string(kTrash) + key; }

Result<void> move(blob::BlobStore& blobs, const std::string& from, const std::string& to) {
  if (auto copied = blobs.copy(from, to); !copied) return copied;
  return blobs.remove(from);
}

}  // namespace

Result<void> move_to_trash(blob::BlobStore& blobs, const std::string& key) {
  auto moved = move(blobs, key, trash_key(key));
  if (!moved && moved.error().code == Errc::conflict) {
    // An earlier blob of this key, or a move that was interrupted.
    if (auto removed = blobs.remove(trash_key(key)); !removed) return removed;
    moved = move(blobs, key, trash_key(key));
  }
  if (!moved && moved.error().code == Errc::not_found) return {};
  return moved;
}

Result<std::vector<blob::BlobInfo>> list_trash(blob::BlobStore& blobs) {
  std::vector<blob::BlobInfo> found;
  const auto note = [&](blob::BlobInfo blob) {
    blob.key.erase(0, kTrash.size());
    found.push_back(std::move(blob));
  };
  if (auto listed = blobs.list(kTrash, note); !listed) return tl::unexpected(listed.error());
  return found;
}

Result<void> put_back(blob::BlobStore& blobs, const std::string& key) {
  return move(blobs, trash_key(key), key);
}

Result<int> empty_trash(blob::BlobStore& blobs, Time before,
                        const std::function<bool()>& may_go_on) {
  const auto trash = list_trash(blobs);
  if (!trash) return tl::unexpected(trash.error());
  int removed = 0;
  for (const blob::BlobInfo& blob : *trash) {
    if (blob.modified >= before) continue;
    if (!may_go_on()) break;
    if (auto gone = blobs.remove(trash_key(blob.key)); !gone) return tl::unexpected(gone.error());
    ++removed;
  }
  return removed;
}

}  // namespace steno
