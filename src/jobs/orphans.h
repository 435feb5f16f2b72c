#pragma once

#include <functional>

#include "base/clock.h"
#include "base/result.h"

namespace steno {

class Store;
namespace blob {
class BlobStore;
}

/// Younger blobs are never orphans. A recording that is being submitted, by this or another
/// process, has a blob before it has a row. No submission takes this long.
constexpr std::chrono::hours kOrphanAge{24};

/// Moves audio, results and stage outputs that no job and no upload names to the trash
/// (jobs/trash.h). Such blobs remain when a process dies between writing a blob and its row. Only
/// blobs from before `before` are examined, which must be at least kOrphanAge ago. Calls
/// `may_go_on` before each blob and stops when it returns false. Returns the number of moved blobs,
/// or the error of the blob store. Blocks, for long if there are many blobs; throws StoreError.
Result<int> sweep_orphans(Store& store, blob::BlobStore& blobs, Time before,
                          const std::function<bool()>& may_go_on);

/// The rows without blobs and the blobs without rows.
struct Inventory {
  int unnamed = 0;  ///< blobs that no row names
  int missing = 0;  ///< blobs that a row names, and that are not there
};

/// Compares all rows with all blobs. Errors and exceptions as sweep_orphans().
Result<Inventory> take_inventory(Store& store, blob::BlobStore& blobs);

}  // namespace steno
