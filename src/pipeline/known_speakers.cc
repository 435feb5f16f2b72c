#include "pipeline/known_speakers.h"

#include <algorithm>
#include <unordered_set>

#include "base/base64.h"
#include "pipeline/pipeline.h"
#include "pipeline/speaker_stage.h"
#include "transcript/text.h"
#include "transcript/transcript.h"

namespace steno {
namespace {

constexpr double kShortest = 2;
constexpr double kLongest = 10;
// What codecs put before and behind it.
constexpr double kPadding = 0.1;

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

/// The clip, no further than it may be long, and how long it is.
Result<diarize::Voices> listen(const std::string& bytes,
                               const std::shared_ptr<const diarize::Networks>& networks,
                               const std::stop_token& stop) {
  auto clip = open_audio(decode::Source::memory(std::as_bytes(std::span(bytes)), "the recording"),
                         0, Channels::mix, stop);
  if (!clip) return tl::unexpected(clip.error());
  double seconds = 0;
  clip->read = [read = std::move(clip->read), &seconds](auto& block) -> Result<bool> {
    if (seconds > kLongest + kPadding) return false;
    auto more = read(block);
    if (more && *more) seconds += static_cast<double>(block.front().size()) / decode::kSampleRate;
    return more;
  };
  diarize::Analyzer analyzer(networks, 1);
  const std::stop_callback stopped(stop, [&] { analyzer.stop(); });
  auto voices = find_voices(*clip, analyzer, [](const Progress&) {});
  if (voices && (seconds < kShortest - kPadding || seconds > kLongest + kPadding)) {
    return fail(Errc::invalid_argument, "the recording must be 2 to 10 s long");
  }
  return voices;
}

Result<diarize::KnownVoice> known_voice(const KnownSpeaker& speaker,
                                        const std::shared_ptr<const diarize::Networks>& networks,
                                        const std::stop_token& stop) {
  const auto bytes = decode_base64(speaker.audio_base64);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto voices = listen(*bytes, networks, stop);
  if (!voices) return tl::unexpected(voices.error());
  const auto voice = diarize::voice_of(*voices);
  if (!voice) return tl::unexpected(voice.error());
  return diarize::KnownVoice{speaker.name, *voice};
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

Result<std::vector<diarize::KnownVoice>> known_voices(
    std::span<const KnownSpeaker> speakers,
    const std::shared_ptr<const diarize::Networks>& networks, const std::stop_token& stop) {
  std::vector<diarize::KnownVoice> known;
  for (const KnownSpeaker& speaker : speakers) {
    auto voice = known_voice(speaker, networks, stop);
    if (!voice) {
      const Error& error = voice.error();
      if (error.code == Errc::cancelled) return tl::unexpected(error);
      return fail(Errc::invalid_argument,
                  "known_speakers: of " + speaker.name + ": " + error.message);
    }
    known.push_back(*std::move(voice));
  }
  return known;
}

}  // namespace steno
