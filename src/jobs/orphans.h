#pragma once

#include <functional>

#include "base/clock.h"
#include "base/result.h"

namespace steno {

class Store;
namespace blob {
class BlobStore;
}

/// No blob is an orphan before this age. A recording that is being submitted, by this process or
/// another, has a blob before it has a row; no submission takes so long.
constexpr std::chrono::hours kOrphanAge{24};

/// Removes the audio, results and stage outputs that no job and no upload names: what processes
/// left that died between a blob and its row. Looks only at blobs from before `before`, which is to
/// be at least kOrphanAge ago. Asks `may_go_on` before each removal and stops when it returns
/// false. Returns the number of blobs removed, or the error of the blob store. Blocks, for long
/// where there are many blobs; throws StoreError.
Result<int> remove_orphans(Store& store, blob::BlobStore& blobs, Time before,
                           const std::function<bool()>& may_go_on);

}  // namespace steno
