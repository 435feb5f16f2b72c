#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "blob/blob.h"
#include "domain/job.h"
#include "pipeline/pipeline.h"

// Private to worker/.

namespace steno {

class Log;

/// The name by which messages to the client call a job's recording: the file's name as the client
/// gave it, else its URL without secrets, else "the recording".
std::string display_name(const AudioSource& source);

/// The job's recording for the decoder: a local file where the store has one, else range reads of
/// the blob. Empty where the job names no blob or the blob is gone. An error of the store goes to
/// the log, here and while the recording is read; the error that is returned (io) names neither the
/// blob nor a path. `blobs` and `log` outlive the source.
Result<std::optional<decode::Source>> open_stored_audio(blob::BlobStore& blobs, const Job& job,
                                                        Log& log);

}  // namespace steno
