#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace steno {

class JobStore;
namespace blob {
class BlobStore;
}

// A rerun that redacts needs a copy of the words before the redaction. It is kept under a key of
// its own, so that nothing unredacted outlives the job: the copy is removed when the job ends,
// whatever the outcome.

/// Key of the blob with a rerun's copy of a stage output that it redacts.
std::string unredacted_key(std::string_view job_id, std::string_view output);

/// Removes the copies of one job. Blocks. Errors: those of the blob store; then
/// sweep_unredacted() removes them.
Result<void> remove_unredacted(blob::BlobStore& blobs, std::string_view job_id);

/// Removes the copies whose job has ended or is gone: what a process left that ended between two
/// writes. A copy without a job is kept for an hour, as its submission may be in progress. To be
/// called now and then. Blocks; throws StoreError. Errors: those of the blob store.
Result<void> sweep_unredacted(JobStore& jobs, blob::BlobStore& blobs, Time now);

}  // namespace steno
