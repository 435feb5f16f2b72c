#include "pipeline/stages.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "options/option_table.h"
#include "pipeline/known_speakers.h"
#include "pipeline/postprocess/postprocess.h"
#include "pipeline/postprocess/speakers.h"
#include "transcript/json.h"

namespace steno {
namespace {

using Voices = diarize::Voices;

/// Drops segments whose text may still change: no text gets out before it is redacted. The final
/// segments are sent after post-processing.
class FinalTextSink : public Sink {
 public:
  explicit FinalTextSink(Sink& sink) : sink_(sink) {}
  void segment(const Segment&) override {}
  void progress(const Progress& progress) override { sink_.progress(progress); }

 private:
  Sink& sink_;
};

/// A checkpoint as long as its stage runs; none where nothing is kept.
class StageCheckpoint {
 public:
  StageCheckpoint(StageOutputs& outputs, const char* stage, std::string_view binding) {
    if (auto* store = outputs.checkpoints()) {
      checkpoint_ = std::make_shared<Checkpoint>(*store, stage, binding);
    }
  }
  ~StageCheckpoint() {
    if (checkpoint_) checkpoint_->close();
  }
  StageCheckpoint(const StageCheckpoint&) = delete;
  StageCheckpoint& operator=(const StageCheckpoint&) = delete;

  const std::shared_ptr<Checkpoint>& get() const { return checkpoint_; }
  /// Called when the whole output has been stored.
  void discard() {
    if (checkpoint_) checkpoint_->discard();
  }

 private:
  std::shared_ptr<Checkpoint> checkpoint_;
};

TranscribeOptions recognition_options(TranscribeOptions options) {
  if (postprocess::needs_words(options.post) || options.speakers.diarize) {
    options.word_timestamps = true;
  }
  return options;
}

/// Everything that the words depend on, except the recording.
std::string words_binding(const Pipeline& pipeline, const TranscribeOptions& options) {
  ByteWriter out;
  out.text(pipeline.digest());
  for (const auto& row : transcribe_option_table()) {
    if (!row.after_recognition) out.text(row.name).text(option_text(row.get(options)));
  }
  return out.bytes();
}

bool always(const TranscribeOptions&) { return true; }
bool wants_voices(const TranscribeOptions& options) {
  return options.speakers.diarize && options.channels == Channels::mix;
}

/// Whether there are no segments, or some with the times of their words.
bool has_word_times(const Transcript& transcript) {
  const auto has_words = [](const Segment& segment) { return !segment.words.empty(); };
  return transcript.segments.empty() || std::ranges::any_of(transcript.segments, has_words);
}

}  // namespace

struct StageWork {
  const std::function<Result<AudioInput>()>& open;
  const TranscribeOptions& options;
  const Recognizers& recognizers;
  StageOutputs& outputs;
  Sink& sink;
  const std::stop_token stop;

  Transcript transcript = {};
  /// None until they are computed; an error if that failed.
  std::optional<Result<Voices>> voices = {};
  std::vector<diarize::KnownVoice> known_voices = {};
  bool has_kept_words = false;  ///< and they have not been reported yet

  bool holds_text_back() const { return postprocess::changes_text(options.post); }
};

namespace {

std::optional<Transcript> kept_words(StageWork& work) {
  const auto kept = work.outputs.find(kWordsOutput);
  if (!kept) return std::nullopt;
  auto words = parse_transcript(*kept);
  if (!words) return std::nullopt;
  if (recognition_options(work.options).word_timestamps && !has_word_times(*words)) {
    return std::nullopt;
  }
  return *std::move(words);
}

void take_kept_voices(StageWork& work) {
  const auto kept = work.outputs.find(kVoicesOutput);
  if (!kept) return;
  auto voices = diarize::voices_from(*kept);
  if (voices) work.voices = *std::move(voices);
}

/// The attempt that made the words may have reported only some of them.
void report_kept_words(StageWork& work) {
  if (!std::exchange(work.has_kept_words, false)) return;
  const Transcript& words = work.transcript;
  work.sink.progress({0, words.duration, 0});
  if (!work.holds_text_back()) {
    for (const Segment& segment : words.segments) work.sink.segment(segment);
  }
  work.sink.progress({words.duration, words.duration, 0});
}

Result<void> recognize_words(StageWork& work, Pipeline& pipeline, AudioInput audio) {
  FinalTextSink final_text(work.sink);
  Sink& sink = work.holds_text_back() ? final_text : work.sink;
  const TranscribeOptions options = recognition_options(work.options);
  NoStageOutputs nothing;
  const bool keeps_text = work.options.post.redact.empty();
  StageCheckpoint checkpoint(keeps_text ? work.outputs : nothing, kWordsOutput,
                             words_binding(pipeline, options));
  auto words = pipeline.transcribe(std::move(audio), options, sink, work.stop, checkpoint.get());
  if (!words) return tl::unexpected(words.error());
  work.transcript = *std::move(words);
  if (!keeps_text) return {};
  work.outputs.keep(kWordsOutput, to_json(work.transcript));
  checkpoint.discard();
  return {};
}

/// Finds the voices on the threads of an Analyzer while `feed` supplies samples.
Result<void> find_voices_beside(StageWork& work, std::shared_ptr<const diarize::Networks> networks,
                                Beside beside,
                                const std::function<Result<void>(diarize::Analyzer&)>& feed) {
  StageCheckpoint checkpoint(work.outputs, kVoicesOutput, networks->digest());
  diarize::Analyzer analyzer(std::move(networks), analyzer_threads(beside), checkpoint.get().get());
  const std::stop_callback stopped(work.stop, [&] { analyzer.stop(); });
  if (auto fed = feed(analyzer); !fed) return fed;
  work.voices = analyzer.finish();
  if (!*work.voices) return {};
  work.outputs.keep(kVoicesOutput, diarize::to_bytes(**work.voices));
  checkpoint.discard();
  return {};
}

/// Transcribes the words, and finds the voices at the same time if they are needed and not stored.
Result<void> transcribe_words(StageWork& work) {
  if (wants_voices(work.options)) take_kept_voices(work);
  if (auto words = kept_words(work)) {
    work.transcript = *std::move(words);
    work.has_kept_words = true;
    return {};
  }
  const auto pipeline = work.recognizers.speech();
  if (!pipeline) return tl::unexpected(pipeline.error());
  std::shared_ptr<const diarize::Networks> networks;
  if (wants_voices(work.options) && !work.voices) {
    auto loaded = work.recognizers.speakers();
    if (loaded) {
      networks = *std::move(loaded);
    } else {
      work.voices = tl::unexpected(loaded.error());
    }
  }
  auto audio = work.open();
  if (!audio) return tl::unexpected(audio.error());
  if (!networks) return recognize_words(work, **pipeline, *std::move(audio));
  return find_voices_beside(work, networks, Beside::recognition, [&](diarize::Analyzer& analyzer) {
    auto recognized = recognize_words(work, **pipeline, tapped(*std::move(audio), analyzer));
    if (recognized) work.sink.enter(Stage::diarizing);
    return recognized;
  });
}

Result<void> find_voices_alone(StageWork& work) {
  work.sink.enter(Stage::diarizing);
  auto networks = work.recognizers.speakers();
  if (!networks) return tl::unexpected(networks.error());
  auto audio = work.open();
  if (!audio) return tl::unexpected(audio.error());
  return find_voices_beside(
      work, *std::move(networks), Beside::nothing, [&](diarize::Analyzer& analyzer) {
        return read_into(analyzer, *audio,
                         [&work](const Progress& progress) { work.sink.progress(progress); });
      });
}

Error with_prefix(std::string_view prefix, Error error) {
  if (error.code != Errc::cancelled) error.message.insert(0, prefix);
  return error;
}

/// Finds the voices, unless they are known already, and the voices of the known speakers.
Result<void> diarize_voices(StageWork& work) {
  if (!work.voices) {
    if (auto found = find_voices_alone(work); !found) work.voices = tl::unexpected(found.error());
  }
  if (!*work.voices) {
    return tl::unexpected(with_prefix("the speakers cannot be found: ", work.voices->error()));
  }
  const auto& speakers = work.options.speakers.known_speakers;
  if (speakers.empty()) return {};
  auto known = work.recognizers.speakers().and_then([&](const auto& networks) {
    return known_voices(speakers, networks, work.recognizers.decoders, work.stop);
  });
  if (!known) {
    return tl::unexpected(with_prefix("the speakers have no names: ", known.error()));
  }
  work.known_voices = *std::move(known);
  return {};
}

/// Assigns speakers to words, then changes the text; redaction is the last change.
Result<void> postprocess_text(StageWork& work) {
  Transcript transcript = std::move(work.transcript);
  const SpeakerOptions& speakers = work.options.speakers;
  if (work.voices && *work.voices) {
    transcript = diarized(std::move(transcript), **work.voices, speakers, work.known_voices);
  }
  if (speakers.diarize && work.options.channels == Channels::split) {
    transcript = postprocess::with_channels_as_speakers(std::move(transcript));
  }
  if (work.options.post != PostOptions()) work.sink.enter(Stage::postprocessing);
  work.transcript = postprocess::apply(std::move(transcript), work.options.post, work.stop);
  if (work.stop.stop_requested()) return fail(Errc::cancelled, "cancelled");
  if (work.holds_text_back()) {
    for (const Segment& segment : work.transcript.segments) work.sink.segment(segment);
  }
  return {};
}

bool is_optional(const StageEntry& stage, const SpeakerOptions& options) {
  return stage.optional && std::ranges::count(options.require, *stage.optional) == 0;
}

constexpr std::array kAfterWords = {Stage::transcribing};
constexpr std::array kAfterVoices = {Stage::transcribing, Stage::diarizing};

constexpr std::array kStages = {
    StageEntry{.name = Stage::transcribing,
               .needs = {},
               .run = transcribe_words,
               .kept = kWordsOutput,
               .is_wanted = always,
               .reads_audio = true},
    StageEntry{.name = Stage::diarizing,
               .needs = kAfterWords,
               .run = diarize_voices,
               .kept = kVoicesOutput,
               .is_wanted = wants_voices,
               .reads_audio = true,
               .optional = OptionalStage::diarize},
    StageEntry{.name = Stage::postprocessing,
               .needs = kAfterVoices,
               .run = postprocess_text,
               .is_wanted = always},
};

}  // namespace

std::span<const StageEntry> transcript_stages() { return kStages; }

Result<Transcript> transcribe(const std::function<Result<AudioInput>()>& open,
                              const TranscribeOptions& options, const Recognizers& recognizers,
                              StageOutputs& outputs, Sink& sink, std::stop_token stop) {
  if (const auto valid = validate(options); !valid) return tl::unexpected(valid.error());
  StageWork work{open, options, recognizers, outputs, sink, std::move(stop)};
  for (const StageEntry& stage : transcript_stages()) {
    if (!stage.is_wanted(options)) continue;
    if (!stage.reads_audio) report_kept_words(work);
    const Result<void> done = stage.run(work);
    if (done) continue;
    if (done.error().code == Errc::cancelled || !is_optional(stage, options.speakers)) {
      return tl::unexpected(done.error());
    }
    work.transcript.warnings.push_back(done.error().message);
  }
  return std::move(work.transcript);
}

bool needs_audio(const TranscribeOptions& options, const TranscribeOptions& before,
                 const std::function<bool(std::string_view output)>& has_output) {
  const bool wants_times = recognition_options(options).word_timestamps;
  if (wants_times && !recognition_options(before).word_timestamps) return true;
  return std::ranges::any_of(transcript_stages(), [&](const StageEntry& stage) {
    return stage.reads_audio && stage.is_wanted(options) && !has_output(stage.kept);
  });
}

}  // namespace steno
