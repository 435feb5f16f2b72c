#include "pipeline/asr/native/native_engine.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <list>
#include <stdexcept>

#include "base/mutex.h"
#include "pipeline/asr/model_config.h"
#include "pipeline/asr/native/beam_search.h"
#include "pipeline/asr/native/cross_attention_alignment.h"
#include "pipeline/asr/native/decoder.h"
#include "pipeline/asr/native/encoder.h"

namespace steno::asr {
namespace {

using namespace native;  // NOLINT: this file is the namespace's other half

/// Windows that are searched together, so that each read of the weights serves all of them. Larger
/// batches gain little and need more memory.
constexpr int kBatchSize = 3;
constexpr int kTimestamps = 1501;
/// The size needed for text, special tokens (without languages) and timestamps.
constexpr int kSmallestVocabulary = 50257 + 8 + kTimestamps;

TokenRules token_rules(int vocabulary, const ModelConfig& config) {
  TokenRules rules;
  rules.vocabulary = vocabulary;
  rules.end_of_text = vocabulary >= kMultilingualVocabulary ? 50257 : 50256;
  rules.timestamp_begin = vocabulary - kTimestamps;
  rules.no_timestamps = rules.timestamp_begin - 1;
  rules.no_speech = rules.timestamp_begin - 2;
  rules.begin_suppressed = config.begin_suppressed.value_or(std::vector<int>());
  return rules;
}

/// The parts of a prompt: … <|startoftranscript|> task tokens, then the given text.
struct PromptShape {
  int start = 0;  ///< index of <|startoftranscript|>
  int text = 0;   ///< index of the given text
  bool timestamps = false;
};

const EncodedWindow& window_of(const EncodedPtr& window) {
  const auto* own = dynamic_cast<const EncodedWindow*>(window.get());
  if (!own) throw std::invalid_argument("this window was encoded by another engine");
  return *own;
}

/// Helper threads for `replicas` concurrent calls, each of which may use `threads` (0: the cores
/// that other calls leave). The count is limited by the cores and by the threads that a call
/// requests.
int helpers(int cores, int threads, int replicas) {
  const int most = std::max(cores, threads) - 1;
  return threads > 0 ? std::min((threads - 1) * replicas, most) : most;
}

class NativeEngine final : public Engine {
 public:
  NativeEngine(ModelInfo info, std::unique_ptr<const Weights> weights, const ModelConfig& config,
               int threads);

  const ModelInfo& info() const override { return info_; }
  std::vector<EncodedPtr> encode(std::span<const Features> windows) override;
  std::vector<Hypothesis> generate(std::span<const EncodedPtr> windows,
                                   std::span<const std::vector<int>> prompts,
                                   const GenerateOptions& options, std::stop_token stop) override;
  std::vector<Alignment> align(std::span<const EncodedPtr> windows, const std::vector<int>& start,
                               std::span<const std::vector<int>> tokens,
                               std::span<const int> frames) override;
  std::vector<std::map<int, float>> detect_language(std::span<const EncodedPtr> windows) override;

 private:
  /// One window in generate().
  struct Job {
    const EncodedWindow* audio;
    Search search;
    TextCache text;
    double no_speech_prob = 0;
  };
  /// Counts an active call and lends it a decoder with allocated buffers.
  class Call;

  PromptShape shape_of(const std::vector<int>& prompt) const;
  void start(Call& call, Job& job, const std::vector<int>& prompt, const PromptShape& shape);
  void step(Call& call, std::list<Job>& jobs);
  Alignment align_one(Call& call, const EncodedWindow& audio, const std::vector<int>& start,
                      const std::vector<int>& tokens, int frames);
  float probability(const float* logits, int id, int end) const;

  const Kernels& kernels_ = best_kernels();
  ModelInfo info_;
  std::unique_ptr<const Weights> weights_;
  TokenRules rules_;
  std::vector<int> languages_;
  std::vector<std::pair<int, int>> alignment_heads_;
  int cores_;
  int threads_;  ///< of one call; 0: the cores that other calls leave
  ThreadTeam team_;
  std::atomic<int> calls_ = 0;
  Mutex mutex_;
  std::vector<std::unique_ptr<Decoder>> idle_ GUARDED_BY(mutex_);
};

class NativeEngine::Call {
 public:
  explicit Call(NativeEngine& engine) : engine_(engine) {
    ++engine_.calls_;
    const MutexLock lock(engine_.mutex_);
    if (engine_.idle_.empty()) {
      decoder_ = std::make_unique<Decoder>(engine_.kernels_, *engine_.weights_, engine_.team_);
    } else {
      decoder_ = std::move(engine_.idle_.back());
      engine_.idle_.pop_back();
    }
  }
  ~Call() {
    const MutexLock lock(engine_.mutex_);
    engine_.idle_.push_back(std::move(decoder_));
    --engine_.calls_;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Decoder& decoder() { return *decoder_; }
  /// The number of threads that this call may use now.
  int threads() const {
    if (engine_.threads_ > 0) return engine_.threads_;
    return std::max(1, engine_.cores_ / std::max(1, engine_.calls_.load()));
  }

 private:
  NativeEngine& engine_;
  std::unique_ptr<Decoder> decoder_;
};

NativeEngine::NativeEngine(ModelInfo info, std::unique_ptr<const Weights> weights,
                           const ModelConfig& config, int threads)
    : info_(std::move(info)),
      weights_(std::move(weights)),
      rules_(token_rules(weights_->vocabulary, config)),
      languages_(config.languages),
      alignment_heads_(config.alignment_heads),
      cores_(std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
      threads_(threads),
      team_(helpers(cores_, threads, info_.replicas)) {}

std::vector<EncodedPtr> NativeEngine::encode(std::span<const Features> windows) {
  Call call(*this);
  std::vector<EncodedPtr> encoded;
  for (const Features& features : windows) {
    encoded.push_back(native::encode(kernels_, *weights_, features, team_, call.threads()));
  }
  return encoded;
}

PromptShape NativeEngine::shape_of(const std::vector<int>& prompt) const {
  const int start_id = rules_.end_of_text + 1;
  require_known_tokens(prompt, info_);
  const auto start = std::find(prompt.begin(), prompt.end(), start_id);
  if (start == prompt.end()) throw std::invalid_argument("a prompt without <|startoftranscript|>");
  const auto text = std::find_if(
      start, prompt.end(), [&](int id) { return id < start_id || id > rules_.no_timestamps; });
  return {static_cast<int>(start - prompt.begin()), static_cast<int>(text - prompt.begin()),
          *(text - 1) != rules_.no_timestamps};
}

float NativeEngine::probability(const float* logits, int id, int end) const {
  const float peak = kernels_.maximum(logits, end);
  return std::exp(logits[id] - peak) / kernels_.sum_exp(logits, end, peak);
}

void NativeEngine::start(Call& call, Job& job, const std::vector<int>& prompt,
                         const PromptShape& shape) {
  const int length = static_cast<int>(prompt.size());
  const std::vector<int> path(length, 0);
  std::vector<TokenRow> rows;
  for (int p = 0; p < length; ++p)
    rows.push_back({prompt[p], p, 0, path.data(), job.audio, &job.text});
  call.decoder().forward(rows);
  const int wanted[] = {shape.start, length - 1};
  float* logits = call.decoder().logits(wanted, call.threads());
  job.no_speech_prob = probability(logits, rules_.no_speech, rules_.vocabulary);
  job.search.start(logits + call.decoder().logits_stride(), length);
}

/// Adds one token to every live hypothesis of every window.
void NativeEngine::step(Call& call, std::list<Job>& jobs) {
  std::vector<TokenRow> rows;
  for (Job& job : jobs) {
    for (const Search::Live& live : job.search.live()) {
      rows.push_back({live.tokens.back(), static_cast<int>(live.path.size()), live.slot,
                      live.path.data(), job.audio, &job.text});
    }
  }
  call.decoder().forward(rows);
  std::vector<int> all(rows.size());
  for (size_t r = 0; r < all.size(); ++r) all[r] = static_cast<int>(r);
  float* logits = call.decoder().logits(all, call.threads());
  const int stride = call.decoder().logits_stride();
  for (Job& job : jobs) {
    const size_t count = job.search.live().size();
    job.search.advance(logits, stride);
    logits += count * stride;
  }
}

std::vector<Hypothesis> NativeEngine::generate(std::span<const EncodedPtr> windows,
                                               std::span<const std::vector<int>> prompts,
                                               const GenerateOptions& options,
                                               std::stop_token stop) {
  Call call(*this);
  std::list<Job> jobs;
  std::vector<Hypothesis> hypotheses(windows.size());
  std::vector<Job*> by_window;
  for (size_t i = 0; i < windows.size(); ++i) {
    const PromptShape shape = shape_of(prompts[i]);
    const int room = weights_->text_positions - static_cast<int>(prompts[i].size());
    if (room < 1) throw std::invalid_argument("a prompt as long as the model's text");
    std::vector<int> given(prompts[i].begin() + shape.text, prompts[i].end());
    Search search(kernels_, rules_, options, std::move(given), shape.timestamps,
                  std::min(options.max_new_tokens, room));
    const int width = search.width();
    jobs.push_back({&window_of(windows[i]), std::move(search), TextCache(*weights_, width)});
    start(call, jobs.back(), prompts[i], shape);
    by_window.push_back(&jobs.back());
  }
  std::list<Job> done;
  while (!jobs.empty()) {
    for (auto job = jobs.begin(); job != jobs.end();) {
      const auto next = std::next(job);
      if (stop.stop_requested() && !job->search.finished()) job->search.stop();
      if (job->search.finished()) done.splice(done.end(), jobs, job);
      job = next;
    }
    if (!jobs.empty()) step(call, jobs);
  }
  for (size_t i = 0; i < windows.size(); ++i) {
    hypotheses[i] = by_window[i]->search.best();
    hypotheses[i].no_speech_prob = by_window[i]->no_speech_prob;
  }
  return hypotheses;
}

Alignment NativeEngine::align_one(Call& call, const EncodedWindow& audio,
                                  const std::vector<int>& start, const std::vector<int>& tokens,
                                  int frames) {
  constexpr int kBlock = 16;  // rows whose logits are held at the same time
  std::vector<int> sequence = start;
  if (sequence.empty() || sequence.back() != rules_.no_timestamps) {
    sequence.push_back(rules_.no_timestamps);
  }
  const int first = static_cast<int>(sequence.size()) - 1;  // this row predicts the first token
  sequence.insert(sequence.end(), tokens.begin(), tokens.end());
  sequence.push_back(rules_.end_of_text);
  require_known_tokens(sequence, info_);
  const int length = static_cast<int>(sequence.size());
  if (length > weights_->text_positions) throw std::invalid_argument("a text too long to align");

  TextCache text(*weights_, 1);
  const std::vector<int> path(length, 0);
  std::vector<TokenRow> rows;
  for (int p = 0; p < length; ++p) rows.push_back({sequence[p], p, 0, path.data(), &audio, &text});
  Decoder::Capture capture;
  capture.heads = alignment_heads_;
  capture.scores.resize(alignment_heads_.size());
  call.decoder().forward(rows, &capture);

  Alignment alignment;
  const int count = static_cast<int>(tokens.size());
  for (int begin = 0; begin < count; begin += kBlock) {
    std::vector<int> wanted;
    for (int t = begin; t < std::min(count, begin + kBlock); ++t) wanted.push_back(first + t);
    const float* logits = call.decoder().logits(wanted, call.threads());
    for (size_t i = 0; i < wanted.size(); ++i) {
      const int token = tokens[begin + i];
      const float* row = logits + i * call.decoder().logits_stride();
      alignment.token_probabilities.push_back(
          token < rules_.end_of_text ? probability(row, token, rules_.end_of_text) : 0.0f);
    }
  }
  alignment.path = align_text(capture.scores, length, audio.positions,
                              std::min(frames / 2, audio.positions), first, count + 1);
  return alignment;
}

std::vector<Alignment> NativeEngine::align(std::span<const EncodedPtr> windows,
                                           const std::vector<int>& start,
                                           std::span<const std::vector<int>> tokens,
                                           std::span<const int> frames) {
  Call call(*this);
  std::vector<Alignment> alignments;
  for (size_t i = 0; i < windows.size(); ++i) {
    alignments.push_back(align_one(call, window_of(windows[i]), start, tokens[i], frames[i]));
  }
  return alignments;
}

std::vector<std::map<int, float>> NativeEngine::detect_language(
    std::span<const EncodedPtr> windows) {
  if (!info_.multilingual) throw std::logic_error("an English-only model detects no language");
  Call call(*this);
  std::vector<std::map<int, float>> detected;
  for (const EncodedPtr& window : windows) {
    TextCache text(*weights_, 1);
    const TokenRow row = {rules_.end_of_text + 1, 0, 0, nullptr, &window_of(window), &text};
    call.decoder().forward({&row, 1});
    const int wanted[] = {0};
    const float* logits = call.decoder().logits(wanted, call.threads());
    std::map<int, float> probabilities;
    float peak = -1e30f;
    for (const int id : languages_) peak = std::max(peak, logits[id]);
    float sum = 0;
    for (const int id : languages_) sum += probabilities[id] = std::exp(logits[id] - peak);
    for (auto& [id, probability] : probabilities) probability /= sum;
    detected.push_back(std::move(probabilities));
  }
  return detected;
}

}  // namespace

Result<std::unique_ptr<Engine>> make_native_engine(const EngineConfig& config) {
  const std::filesystem::path folder = config.model_folder;
  const auto file = models::ModelFile::open(models::int8_weights_path(config.model_folder));
  if (!file) return tl::unexpected(file.error());
  const auto sizes = sizes_of(**file);
  if (!sizes) return tl::unexpected(sizes.error());
  if (sizes->vocabulary < kSmallestVocabulary) {
    return fail(Errc::bad_model, (*file)->path() + ": not a Whisper model: its vocabulary has " +
                                     std::to_string(sizes->vocabulary) + " tokens");
  }
  const auto model_config = read_model_config(folder.string(), *sizes);
  if (!model_config) return tl::unexpected(model_config.error());
  auto weights = load_weights(**file, best_kernels());
  if (!weights) return tl::unexpected(weights.error());

  ModelInfo info;
  info.name = folder.filename().string();
  info.vocabulary_size = (*weights)->vocabulary;
  info.multilingual = info.vocabulary_size >= kMultilingualVocabulary;
  info.mels = (*weights)->mels;
  const TokenRules rules = token_rules(info.vocabulary_size, *model_config);
  info.special = {rules.end_of_text + 1, rules.end_of_text, rules.no_speech, rules.no_timestamps};
  info.device = "cpu";
  info.note = config.note;
  info.compute_type = "int8";
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  info.replicas = config.num_workers > 0 ? config.num_workers : cores;
  info.batch_size = kBatchSize;
  return std::make_unique<NativeEngine>(std::move(info), std::move(*weights), *model_config,
                                        config.cpu_threads);
}

}  // namespace steno::asr
