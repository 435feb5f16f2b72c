#include "worker/speaker_networks.h"

#include <utility>

#include "telemetry/log.h"

namespace steno {

SpeakerNetworks::SpeakerNetworks(Result<std::string> folder, Log& log)
    : folder_(std::move(folder)), log_(log) {}

Result<std::shared_ptr<const diarize::Networks>> SpeakerNetworks::get() {
  const MutexLock lock(mutex_);
  if (networks_) return networks_;
  const auto loaded = folder_.and_then(diarize::Networks::load);
  if (!loaded) {
    log_.error("the diarization models cannot be loaded", {{"cause", loaded.error().message}});
    return fail(loaded.error().code, "the diarization models cannot be loaded");
  }
  networks_ = *loaded;
  return networks_;
}

}  // namespace steno
