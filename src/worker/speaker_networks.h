#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "pipeline/speaker_stage.h"

namespace steno {

class Log;

/// The networks for diarization (40 MB), loaded by the first job that needs them and kept.
/// Thread-safe.
class SpeakerNetworks {
 public:
  /// `folder`: see diarize::Networks::load(); an error if it was not found.
  SpeakerNetworks(Result<std::string> folder, Log& log);
  /// A failed load is repeated by the next call. The log has the cause; the error contains no path.
  Result<std::shared_ptr<const diarize::Networks>> get();

 private:
  const Result<std::string> folder_;
  Log& log_;
  Mutex mutex_;
  std::shared_ptr<const diarize::Networks> networks_ GUARDED_BY(mutex_);
};

}  // namespace steno
