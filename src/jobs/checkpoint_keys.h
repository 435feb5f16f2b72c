#pragma once

#include <string>
#include <string_view>

namespace steno {

/// The prefix of the keys of a job's checkpoints: blobs that a stage keeps while it runs. They
/// are removed when the job ends.
std::string checkpoint_prefix(std::string_view job_id);

}  // namespace steno
