#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace steno {

class Store;
namespace blob {
class BlobStore;
}

/// Removes the audio and results that no job and no upload names: what a process left that died
/// between a blob and its row. Only blobs last written before `before` are looked at; with the
/// start of the only process that takes recordings none on their way in is among them. How many;
/// or the error of the blob store.
Result<int> remove_orphans(Store& store, blob::BlobStore& blobs, Time before);

}  // namespace steno
