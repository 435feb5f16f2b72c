#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "blob/blob.h"

namespace steno {

// Blobs that the sweep of orphans removes wait here for some days, under "trash/" and its key.
// Blobs that a purge or retention deletes are deleted at once.

/// The prefix of the keys in the trash.
constexpr std::string_view kTrash = "trash/";

/// Moves a blob to the trash. Its `modified` is then the time of the move. A missing blob is no
/// error.
Result<void> move_to_trash(blob::BlobStore& blobs, const std::string& key);
/// The blobs in the trash, by the keys that they had, in no order.
Result<std::vector<blob::BlobInfo>> list_trash(blob::BlobStore& blobs);
/// Moves a blob back. It is then as new, so that the sweep leaves it for a day. Errors: not_found;
/// conflict if there is a blob with its key.
Result<void> put_back(blob::BlobStore& blobs, const std::string& key);
/// Deletes what was moved to the trash before `before`, as long as `may_go_on` is true. Returns the
/// number.
Result<int> empty_trash(blob::BlobStore& blobs, Time before,
                        const std::function<bool()>& may_go_on);

}  // namespace steno
