#include "pipeline/stages.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "pipeline/known_speakers.h"
#include "pipeline/postprocess/postprocess.h"
#include "pipeline/postprocess/speakers.h"
#include "transcript/json.h"

namespace steno {
namespace {

using Voices = diarize::Voices;
using KnownVoices = Result<std::vector<diarize::KnownVoice>>;

/// Holds back segments whose text is not what it will be: nothing of what is redacted gets out.
class FinalTextSink : public Sink {
 public:
  explicit FinalTextSink(Sink& sink) : sink_(sink) {}
  void segment(const Segment&) override {}
  void progress(const Progress& progress) override { sink_.progress(progress); }

 private:
  Sink& sink_;
};

TranscribeOptions recognition_options(TranscribeOptions options) {
  if (postprocess::needs_words(options.post) || options.speakers.diarize) {
    options.word_timestamps = true;
  }
  return options;
}

bool wants_voices(const TranscribeOptions& options) {
  return options.speakers.diarize && options.channels == Channels::mix;
}

// Whether there is nothing, or something that has times of words.
bool has_word_times(const Transcript& transcript) {
  const auto has_words = [](const Segment& segment) { return !segment.words.empty(); };
  return transcript.segments.empty() || std::ranges::any_of(transcript.segments, has_words);
}

bool is_required(const SpeakerOptions& options, OptionalStage stage) {
  return std::ranges::count(options.require, stage) > 0;
}

class Run {
 public:
  Run(const std::function<Result<AudioInput>()>& open, const TranscribeOptions& options,
      const Recognizers& recognizers, StageOutputs& stages, Sink& sink, std::stop_token stop)
      : open_(open),
        options_(options),
        recognizers_(recognizers),
        stages_(stages),
        sink_(sink),
        stop_(std::move(stop)),
        holds_text_back_(postprocess::changes_text(options.post)),
        wants_voices_(wants_voices(options)) {}

  Result<Transcript> operator()() {
    std::optional<Result<Voices>> voices;
    if (wants_voices_) voices = kept_voices();
    auto words = kept_words();
    if (words) {
      if (wants_voices_ && !voices) voices = voices_alone();
      tell_again(*words);
    } else {
      auto heard = hear(voices);
      if (!heard) return heard;
      words = *std::move(heard);
    }
    KnownVoices known;
    if (voices && *voices) {
      known = listen_to_known();
      if (!known) {
        if (auto fatal = warn("the speakers have no names: ", known.error(), *words)) return *fatal;
        known = {};
      }
    } else if (voices) {
      if (auto fatal = warn("the speakers cannot be found: ", voices->error(), *words)) {
        return *fatal;
      }
    }
    return finish(*std::move(words), voices, *known);
  }

 private:
  std::optional<Transcript> kept_words() {
    const auto kept = stages_.find(kWordsStage);
    if (!kept) return std::nullopt;
    auto words = parse_transcript(*kept);
    if (!words) return std::nullopt;
    if (recognition_options(options_).word_timestamps && !has_word_times(*words))
      return std::nullopt;
    return *std::move(words);
  }

  std::optional<Result<Voices>> kept_voices() {
    const auto kept = stages_.find(kVoicesStage);
    if (!kept) return std::nullopt;
    auto voices = diarize::voices_from(*kept);
    if (!voices) return std::nullopt;
    return voices;
  }

  /// Not all of it may have been told of by the attempt that heard it.
  void tell_again(const Transcript& words) {
    sink_.progress({0, words.duration, 0});
    if (!holds_text_back_) {
      for (const Segment& segment : words.segments) sink_.segment(segment);
    }
    sink_.progress({words.duration, words.duration, 0});
  }

  /// Hears the words, and the voices beside them where they are wanted and not there.
  Result<Transcript> hear(std::optional<Result<Voices>>& voices) {
    const auto pipeline = recognizers_.speech();
    if (!pipeline) return tl::unexpected(pipeline.error());
    std::shared_ptr<const diarize::Networks> networks;
    if (wants_voices_ && !voices) {
      auto loaded = recognizers_.speakers();
      if (loaded) {
        networks = *std::move(loaded);
      } else {
        voices = tl::unexpected(loaded.error());
      }
    }
    auto audio = open_();
    if (!audio) return tl::unexpected(audio.error());
    if (!networks) return recognize_words(**pipeline, *std::move(audio));

    diarize::Analyzer analyzer(networks, analyzer_threads(Beside::recognition));
    const std::stop_callback stopped(stop_, [&] { analyzer.stop(); });
    auto words = recognize_words(**pipeline, tapped(*std::move(audio), analyzer));
    if (words) {
      sink_.enter("diarizing");
      voices = analyzer.finish();
      keep(*voices);
    }
    return words;
  }

  Result<Transcript> recognize_words(Pipeline& pipeline, AudioInput audio) {
    FinalTextSink final_text(sink_);
    Sink& sink = holds_text_back_ ? final_text : sink_;
    auto words = pipeline.transcribe(std::move(audio), recognition_options(options_), sink, stop_);
    if (words && options_.post.redact.empty()) stages_.keep(kWordsStage, to_json(*words));
    return words;
  }

  Result<Voices> voices_alone() {
    sink_.enter("diarizing");
    auto networks = recognizers_.speakers();
    if (!networks) return tl::unexpected(networks.error());
    auto audio = open_();
    if (!audio) return tl::unexpected(audio.error());
    diarize::Analyzer analyzer(*networks, analyzer_threads(Beside::nothing));
    const std::stop_callback stopped(stop_, [&] { analyzer.stop(); });
    auto voices = find_voices(*std::move(audio), analyzer,
                              [this](const Progress& progress) { sink_.progress(progress); });
    keep(voices);
    return voices;
  }

  KnownVoices listen_to_known() {
    const auto& speakers = options_.speakers.known_speakers;
    if (speakers.empty()) return {};
    const auto networks = recognizers_.speakers();
    if (!networks) return tl::unexpected(networks.error());
    return known_voices(speakers, *networks, stop_);
  }

  /// A warning of the transcript, or the end of the work where that is due.
  std::optional<tl::unexpected<Error>> warn(const char* what, const Error& error,
                                            Transcript& transcript) {
    if (error.code == Errc::cancelled) return tl::unexpected(error);
    const std::string message = what + error.message;
    if (is_required(options_.speakers, OptionalStage::diarize)) return fail(error.code, message);
    transcript.warnings.push_back(message);
    return std::nullopt;
  }

  void keep(const Result<Voices>& voices) {
    if (voices) stages_.keep(kVoicesStage, diarize::to_bytes(*voices));
  }

  Transcript finish(Transcript words, const std::optional<Result<Voices>>& voices,
                    const std::vector<diarize::KnownVoice>& known) {
    const SpeakerOptions& speakers = options_.speakers;
    if (voices && *voices) words = diarized(std::move(words), **voices, speakers, known);
    if (speakers.diarize && options_.channels == Channels::split) {
      words = postprocess::with_channels_as_speakers(std::move(words));
    }
    if (options_.post != PostOptions()) sink_.enter("postprocessing");
    Transcript transcript = postprocess::apply(std::move(words), options_.post);
    if (holds_text_back_) {
      for (const Segment& segment : transcript.segments) sink_.segment(segment);
    }
    return transcript;
  }

  const std::function<Result<AudioInput>()>& open_;
  const TranscribeOptions& options_;
  const Recognizers& recognizers_;
  StageOutputs& stages_;
  Sink& sink_;
  const std::stop_token stop_;
  const bool holds_text_back_;
  const bool wants_voices_;
};

}  // namespace

Result<Transcript> transcribe(const std::function<Result<AudioInput>()>& open,
                              const TranscribeOptions& options, const Recognizers& recognizers,
                              StageOutputs& stages, Sink& sink, std::stop_token stop) {
  if (const auto valid = validate(options); !valid) return tl::unexpected(valid.error());
  return Run(open, options, recognizers, stages, sink, std::move(stop))();
}

bool needs_audio(const TranscribeOptions& options, const TranscribeOptions& before,
                 const std::function<bool(std::string_view stage)>& has_stage) {
  const bool wants_times = recognition_options(options).word_timestamps;
  const bool has_times = recognition_options(before).word_timestamps;
  if (!has_stage(kWordsStage) || (wants_times && !has_times)) return true;
  return wants_voices(options) && !has_stage(kVoicesStage);
}

}  // namespace steno
