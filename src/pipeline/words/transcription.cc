#include "pipeline/words/transcription.h"

#include <utility>

#include "base/step_key.h"

namespace steno {
namespace {

std::string language_key(const std::vector<std::vector<float>>& stretches) {
  StepKey key("language");
  for (const auto& stretch : stretches) key.add(std::span<const float>(stretch));
  return key.finish();
}

std::optional<asr::DetectedLanguage> known_language(CheckpointLog& checkpoint,
                                                    const std::string& key) {
  const auto bytes = checkpoint.take(key);
  if (!bytes) return std::nullopt;
  ByteReader in(*bytes);
  asr::DetectedLanguage found;
  found.language = in.text();
  found.probability = in.number<double>();
  return in.is_whole() ? std::optional(found) : std::nullopt;
}

}  // namespace

bool must_detect_language(const Transcription& call) {
  return !call.options.language && !call.options.multilingual && call.model->info().multilingual;
}

std::string given_language(const Transcription& call) {
  if (!call.model->info().multilingual) return "en";
  return call.options.multilingual ? "" : call.options.language.value_or("");
}

std::optional<asr::DetectedLanguage> detect_language(Transcription& call,
                                                     std::vector<std::vector<float>> stretches) {
  std::string key;
  if (call.checkpoint) {
    key = language_key(stretches);
    if (auto known = known_language(*call.checkpoint, key)) return known;
  }
  // The task owns all it uses: it may outlive a call that is stopped.
  struct Work {
    std::shared_ptr<asr::SpeechModel> model;
    TranscribeOptions options;
    std::vector<std::vector<float>> stretches;
    asr::DetectedLanguage found;
  };
  const auto work =
      std::make_shared<Work>(Work{call.model, call.options, std::move(stretches), {}});
  const bool done = call.lane->run([work](const std::stop_token& stop) {
    work->found = asr::detect_language(*work->model, work->stretches, work->options, stop);
  });
  if (!done) return std::nullopt;
  if (call.checkpoint) {
    const auto& found = work->found;
    call.checkpoint->record(key,
                            ByteWriter().text(found.language).number(found.probability).bytes());
  }
  return work->found;
}

Result<void> read_samples(Transcription& call,
                          const std::function<bool(int, std::span<const float>)>& push) {
  std::vector<std::vector<float>> block;
  while (true) {
    const auto more = call.audio.read(block);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    for (size_t channel = 0; channel < block.size(); ++channel) {
      if (!push(static_cast<int>(channel), block[channel])) {
        return fail(Errc::cancelled, "cancelled");
      }
    }
  }
}

}  // namespace steno
