#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "pipeline/speaker_stage.h"

namespace steno {

class Log;

/// The networks that tell speakers apart, loaded by the first job that needs them and kept (40 MB).
/// Thread-safe.
class SpeakerNetworks {
 public:
  /// `folder`: see diarize::Networks::load(); an error where it was not found.
  SpeakerNetworks(Result<std::string> folder, Log& log);
  /// What fails is tried again by the next call; the log has the cause, the error names no path.
  Result<std::shared_ptr<const diarize::Networks>> get();

 private:
  const Result<std::string> folder_;
  Log& log_;
  std::mutex mutex_;
  std::shared_ptr<const diarize::Networks> networks_;
};

}  // namespace steno
