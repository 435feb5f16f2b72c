#include "pipeline/words/transcription.h"

#include <utility>

namespace steno {

bool must_detect_language(const Transcription& call) {
  return !call.options.language && !call.options.multilingual && call.model->info().multilingual;
}

std::string given_language(const Transcription& call) {
  if (!call.model->info().multilingual) return "en";
  return call.options.multilingual ? "" : call.options.language.value_or("");
}

std::optional<asr::DetectedLanguage> detect_language(Transcription& call,
                                                     std::vector<std::vector<float>> stretches) {
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
  return work->found;
}

Result<void> listen(Transcription& call,
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
