#include "options/known_speaker_check.h"

#include <unordered_set>

#include "base/base64.h"
#include "transcript/text.h"
#include "transcript/transcript.h"

namespace steno {
namespace {

Result<void> check_name(const std::string& name) {
  const int length = text::length(text::valid_utf8(name));
  if (length == 0 || static_cast<std::size_t>(length) > kLongestSpeakerName ||
      text::one_line(name) != name) {
    return fail(Errc::invalid_argument, "name must be 1 to " + std::to_string(kLongestSpeakerName) +
                                            " characters, none of them a control character");
  }
  if (name.starts_with(kSpeakerPrefix)) {
    return fail(Errc::invalid_argument, "name must not begin with " + std::string(kSpeakerPrefix) +
                                            ", as the names of speakers do who are not known");
  }
  return {};
}

Result<void> check_audio(const std::string& base64) {
  if (base64.size() > (kMostReferenceBytes + 2) / 3 * 4) {
    return fail(Errc::invalid_argument, "audio_base64 must be of a file of at most 1 MiB");
  }
  const auto bytes = decode_base64(base64);
  if (!bytes) return fail(Errc::invalid_argument, "audio_base64: " + bytes.error().message);
  if (bytes->empty()) return fail(Errc::invalid_argument, "audio_base64 must not be empty");
  return {};
}

}  // namespace

Result<void> check_known_speakers(const std::string& name, std::span<const KnownSpeaker> speakers) {
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; i < speakers.size(); ++i) {
    auto good = check_name(speakers[i].name);
    if (good) good = check_audio(speakers[i].audio_base64);
    if (good && !names.insert(speakers[i].name).second) {
      good = fail(Errc::invalid_argument, "name must be another than those before it");
    }
    if (!good) {
      return fail(Errc::invalid_argument,
                  name + "[" + std::to_string(i) + "]: " + good.error().message);
    }
  }
  return {};
}

}  // namespace steno
