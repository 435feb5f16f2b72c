#include "pipeline/known_speakers.h"

#include <algorithm>

#include "base/base64.h"
#include "pipeline/pipeline.h"
#include "pipeline/speaker_stage.h"
#include "transcript/transcript.h"

namespace steno {
namespace {

constexpr double kShortest = 2;
constexpr double kLongest = 10;
// Codecs add this much audio, in seconds, before and after a recording.
constexpr double kPadding = 0.1;

/// Reads at most the allowed length of the recording.
Result<diarize::Voices> analyze(const std::string& bytes,
                                const std::shared_ptr<const diarize::Networks>& networks,
                                const decode::Decoders& decoders, const std::stop_token& stop) {
  auto clip =
      open_audio(decoders, decode::Source::memory(std::as_bytes(std::span(bytes)), "the recording"),
                 {}, Channels::mix, stop);
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
  if (auto read = read_into(analyzer, *clip, [](const Progress&) {}); !read) {
    return tl::unexpected(read.error());
  }
  auto voices = analyzer.finish();
  if (voices && (seconds < kShortest - kPadding || seconds > kLongest + kPadding)) {
    return fail(Errc::invalid_argument, "the recording must be 2 to 10 s long");
  }
  return voices;
}

Result<diarize::KnownVoice> known_voice(const KnownSpeaker& speaker,
                                        const std::shared_ptr<const diarize::Networks>& networks,
                                        const decode::Decoders& decoders,
                                        const std::stop_token& stop) {
  const auto bytes = decode_base64(speaker.audio_base64);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto voices = analyze(*bytes, networks, decoders, stop);
  if (!voices) return tl::unexpected(voices.error());
  const auto voice = diarize::voice_of(*voices);
  if (!voice) return tl::unexpected(voice.error());
  return diarize::KnownVoice{speaker.name, *voice};
}

}  // namespace

Result<std::vector<diarize::KnownVoice>> known_voices(
    std::span<const KnownSpeaker> speakers,
    const std::shared_ptr<const diarize::Networks>& networks, const decode::Decoders& decoders,
    const std::stop_token& stop) {
  std::vector<diarize::KnownVoice> known;
  for (const KnownSpeaker& speaker : speakers) {
    auto voice = known_voice(speaker, networks, decoders, stop);
    if (!voice) {
      const Error& error = voice.error();
      if (error.code == Errc::cancelled) return tl::unexpected(error);
      const bool may_pass = error.code == Errc::unavailable;
      return fail(may_pass ? error.code : Errc::invalid_argument,
                  "known_speakers: of " + speaker.name + ": " + error.message);
    }
    known.push_back(*std::move(voice));
  }
  return known;
}

}  // namespace steno
