#include "pipeline/asr/ctranslate2/ctranslate2_engine.h"

#include <ctranslate2/models/whisper.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <future>
#include <tuple>

#include "models/model_file.h"
#include "pipeline/asr/ctranslate2/device.h"
#include "pipeline/asr/ctranslate2/model_reader.h"
#include "pipeline/asr/ctranslate2/storage.h"

namespace steno::asr {
namespace {

using ctranslate2::models::WhisperAlignmentResult;
using ctranslate2::models::WhisperGenerationResult;
using ctranslate2::models::WhisperOptions;
using ctranslate2::models::WhisperReplica;
using LanguageProbs = std::vector<std::pair<std::string, float>>;

constexpr int kGpuBatchSize = 16;
constexpr int kMaxPositions = 448;  // of the decoder: prompt and new tokens
constexpr int kMedianFilterWidth = 7;

/// Groups the indices of `count` windows by key, at most `limit` in a group. Groups are in the
/// order of their first windows.
template <class KeyOf>
std::vector<std::vector<int>> group(size_t count, size_t limit, KeyOf key_of) {
  std::vector<std::vector<int>> groups;
  std::map<decltype(key_of(0)), size_t> open;
  for (size_t i = 0; i < count; ++i) {
    const auto key = key_of(static_cast<int>(i));
    const auto at = open.find(key);
    if (at != open.end() && groups[at->second].size() < limit) {
      groups[at->second].push_back(static_cast<int>(i));
    } else {
      open[key] = groups.size();
      groups.push_back({static_cast<int>(i)});
    }
  }
  return groups;
}

std::vector<size_t> widen(const std::vector<int>& ids) { return {ids.begin(), ids.end()}; }

class Ctranslate2Engine : public Engine {
 public:
  Ctranslate2Engine(const ctranslate2::models::ModelLoader& loader,
                    const ctranslate2::ReplicaPoolConfig& pool, const Placement& placement,
                    std::string name, std::string note);

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
  /// The parts of a prompt that CTranslate2 reads as text and as task.
  struct PromptShape {
    int start_index;  ///< index of <|startoftranscript|>
    int task_end;     ///< one past the last task token
    auto operator<=>(const PromptShape&) const = default;
  };
  PromptShape shape_of(const std::vector<int>& prompt) const;
  WhisperOptions search_options(const GenerateOptions& options, int start_step, int prefix) const;

  /// Batches do not speed up a CPU. A GPU takes all windows of a call at once.
  size_t most_together(size_t windows) const { return info_.batch_size > 1 ? windows : 1; }

  template <class T, class Call>
  std::vector<std::future<T>> post(size_t count, Call call) {
    return pool_.post_batch<T>(std::move(call), count);
  }

  ctranslate2::models::Whisper pool_;
  const ctranslate2::Vocabulary* vocabulary_ = nullptr;
  ModelInfo info_;
  bool keep_on_device_;
  int start_id_;
  int no_timestamps_id_;
};

Ctranslate2Engine::Ctranslate2Engine(const ctranslate2::models::ModelLoader& loader,
                                     const ctranslate2::ReplicaPoolConfig& pool,
                                     const Placement& placement, std::string name, std::string note)
    : pool_(loader, pool), keep_on_device_(placement.device_index.size() == 1) {
  const auto& model = pool_.get_first_replica().model();
  vocabulary_ = &dynamic_cast<const ctranslate2::models::WhisperModel&>(*model).get_vocabulary();
  info_.name = std::move(name);
  info_.note = std::move(note);
  info_.multilingual = pool_.is_multilingual();
  info_.mels = static_cast<int>(pool_.n_mels());
  info_.vocabulary_size = static_cast<int>(vocabulary_->size());
  info_.device = placement.device;
  info_.compute_type = ctranslate2::compute_type_to_str(model->effective_compute_type());
  info_.replicas = static_cast<int>(pool_.num_replicas());
  info_.batch_size = placement.device == "cuda" ? kGpuBatchSize : 1;
  info_.equal_lengths = info_.batch_size > 1;
  start_id_ = static_cast<int>(vocabulary_->bos_id());
  no_timestamps_id_ = static_cast<int>(vocabulary_->to_id("<|notimestamps|>"));
  const char* const no_speech =
      vocabulary_->contains("<|nospeech|>") ? "<|nospeech|>" : "<|nocaptions|>";
  info_.special = {start_id_, static_cast<int>(vocabulary_->eos_id()),
                   static_cast<int>(vocabulary_->to_id(no_speech)), no_timestamps_id_};
}

std::vector<EncodedPtr> Ctranslate2Engine::encode(std::span<const Features> windows) {
  const auto groups = group(windows.size(), most_together(windows.size()),
                            [&](int i) { return windows[i].frames; });
  std::vector<std::future<ctranslate2::StorageView>> pending;
  for (const auto& members : groups) {
    pending.push_back(pool_.encode(stack_features(windows, members), !keep_on_device_));
  }
  std::vector<EncodedPtr> encoded(windows.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    auto batch = std::make_shared<const ctranslate2::StorageView>(pending[g].get());
    for (size_t row = 0; row < groups[g].size(); ++row) {
      encoded[groups[g][row]] = std::make_shared<EncodedRow>(batch, static_cast<int>(row));
    }
  }
  return encoded;
}

Ctranslate2Engine::PromptShape Ctranslate2Engine::shape_of(const std::vector<int>& prompt) const {
  require_known_tokens(prompt, info_);
  const auto start = std::find(prompt.begin(), prompt.end(), start_id_);
  if (start == prompt.end()) {
    throw std::invalid_argument("a prompt without <|startoftranscript|>");
  }
  const auto end = std::find_if(start, prompt.end(),
                                [&](int id) { return id < start_id_ || id > no_timestamps_id_; });
  return {static_cast<int>(start - prompt.begin()), static_cast<int>(end - prompt.begin())};
}

/// CTranslate2 counts from `start_step`, which is the number of task tokens minus one. It stops
/// after min(max_length / 2, max_length - start_step) tokens, including those of the prefix.
WhisperOptions Ctranslate2Engine::search_options(const GenerateOptions& options, int start_step,
                                                 int prefix) const {
  WhisperOptions search;
  search.beam_size = options.temperature > 0 ? 1 : options.beam_size;
  search.patience = static_cast<float>(options.temperature > 0 ? 1 : options.patience);
  search.num_hypotheses = options.temperature > 0 ? options.best_of : 1;
  search.sampling_topk = options.temperature > 0 ? 0 : 1;
  search.sampling_temperature = static_cast<float>(options.temperature);
  search.length_penalty = static_cast<float>(options.length_penalty);
  search.repetition_penalty = static_cast<float>(options.repetition_penalty);
  search.no_repeat_ngram_size = options.no_repeat_ngram_size;
  const int room = std::max(1, kMaxPositions - start_step);
  const int steps = std::clamp(options.max_new_tokens + prefix, 1, room);
  search.max_length = std::max(2 * steps, steps + start_step);
  search.return_scores = true;
  search.return_no_speech_prob = true;
  search.max_initial_timestamp_index = options.max_initial_timestamp_index;
  search.suppress_blank = options.suppress_blank;
  search.suppress_tokens.clear();
  // CTranslate2 expands -1 to its own list, and does not check that an id exists.
  for (const int id : options.suppress_tokens) {
    if (id >= 0 && id < info_.vocabulary_size) search.suppress_tokens.push_back(id);
  }
  return search;
}

/// The score is the sum of log-probabilities divided by length ^ length_penalty. The mean counts
/// <|endoftext|> as one more token, as in faster-whisper.
Hypothesis to_hypothesis(const WhisperGenerationResult& result, size_t prefix,
                         double length_penalty) {
  Hypothesis hypothesis;
  hypothesis.no_speech_prob = result.no_speech_prob;
  if (result.sequences_ids.empty()) return hypothesis;
  const auto& ids = result.sequences_ids[0];
  const double length = static_cast<double>(ids.size());
  const double sum = result.scores[0] * std::pow(length, length_penalty);
  hypothesis.avg_logprob = sum / (length + 1);
  hypothesis.tokens.assign(ids.begin() + std::min(prefix, ids.size()), ids.end());
  return hypothesis;
}

std::vector<Hypothesis> Ctranslate2Engine::generate(std::span<const EncodedPtr> windows,
                                                    std::span<const std::vector<int>> prompts,
                                                    const GenerateOptions& options,
                                                    std::stop_token stop) {
  const auto prefix_of = [&](int i) {
    return static_cast<int>(prompts[i].size()) - shape_of(prompts[i]).task_end;
  };
  const auto groups = group(windows.size(), most_together(windows.size()), [&](int i) {
    return std::make_tuple(row_of(windows[i]).positions(), shape_of(prompts[i]), prefix_of(i));
  });
  std::vector<std::vector<std::future<WhisperGenerationResult>>> pending;
  for (const auto& members : groups) {
    std::vector<std::vector<size_t>> wide;
    for (const int i : members) wide.push_back(widen(prompts[i]));
    const int start_step = shape_of(prompts[members[0]]).task_end - 1;
    auto search = search_options(options, start_step, prefix_of(members[0]));
    pending.push_back(post<WhisperGenerationResult>(
        members.size(), [rows = stack_rows(windows, members), wide = std::move(wide),
                         search = std::move(search), stop](WhisperReplica& replica) {
          if (stop.stop_requested()) return std::vector<WhisperGenerationResult>(wide.size());
          return replica.generate(rows->sync_copy(), wide, search);
        }));
  }
  std::vector<Hypothesis> hypotheses(windows.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    for (size_t row = 0; row < groups[g].size(); ++row) {
      const int i = groups[g][row];
      hypotheses[i] = to_hypothesis(pending[g][row].get(), prefix_of(i), options.length_penalty);
    }
  }
  return hypotheses;
}

std::vector<Alignment> Ctranslate2Engine::align(std::span<const EncodedPtr> windows,
                                                const std::vector<int>& start,
                                                std::span<const std::vector<int>> tokens,
                                                std::span<const int> frames) {
  require_known_tokens(start, info_);
  for (const auto& text : tokens) require_known_tokens(text, info_);
  std::vector<size_t> task = widen(start);
  // CTranslate2 adds <|notimestamps|> itself.
  if (!task.empty() && static_cast<int>(task.back()) == no_timestamps_id_) task.pop_back();
  const auto groups = group(windows.size(), most_together(windows.size()),
                            [&](int i) { return row_of(windows[i]).positions(); });
  std::vector<std::vector<std::future<WhisperAlignmentResult>>> pending;
  for (const auto& members : groups) {
    std::vector<std::vector<size_t>> text;
    std::vector<size_t> sizes;
    for (const int i : members) {
      text.push_back(widen(tokens[i]));
      sizes.push_back(std::min(frames[i], 2 * row_of(windows[i]).positions()));
    }
    pending.push_back(post<WhisperAlignmentResult>(
        members.size(), [rows = stack_rows(windows, members), task, text = std::move(text),
                         sizes = std::move(sizes)](WhisperReplica& replica) {
          return replica.align(rows->sync_copy(), task, text, sizes, kMedianFilterWidth);
        }));
  }
  std::vector<Alignment> alignments(windows.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    for (size_t row = 0; row < groups[g].size(); ++row) {
      auto result = pending[g][row].get();
      Alignment& alignment = alignments[groups[g][row]];
      alignment.path.assign(result.alignments.begin(), result.alignments.end());
      alignment.token_probabilities = std::move(result.text_token_probs);
    }
  }
  return alignments;
}

std::vector<std::map<int, float>> Ctranslate2Engine::detect_language(
    std::span<const EncodedPtr> windows) {
  const auto groups = group(windows.size(), most_together(windows.size()),
                            [&](int i) { return row_of(windows[i]).positions(); });
  std::vector<std::vector<std::future<LanguageProbs>>> pending;
  for (const auto& members : groups) {
    pending.push_back(pool_.detect_language(*stack_rows(windows, members)));
  }
  std::vector<std::map<int, float>> languages(windows.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    for (size_t row = 0; row < groups[g].size(); ++row) {
      for (const auto& [token, probability] : pending[g][row].get()) {
        languages[groups[g][row]][static_cast<int>(vocabulary_->to_id(token))] = probability;
      }
    }
  }
  return languages;
}

Result<void> check_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return fail(Errc::not_found, "no model folder " + folder.string());
  }
  if (!std::filesystem::exists(folder / "model.bin", ignored)) {
    return fail(Errc::bad_model,
                folder.string() + " holds no model.bin: not a model in CTranslate2's format");
  }
  return {};
}

/// Encodes a tenth of a second, so that a missing CUDA library is found now and not in the middle
/// of a recording.
void warm_up(Engine& engine) {
  Features silence{engine.info().mels, 10, {}};
  silence.values.assign(static_cast<size_t>(silence.mels) * silence.frames, 0.0f);
  engine.encode({&silence, 1});
}

std::string first_line(const char* message) {
  const std::string text = message;
  return text.substr(0, text.find('\n'));
}

}  // namespace

Result<std::unique_ptr<Engine>> make_ctranslate2_engine(const EngineConfig& config) {
  auto placement = place(config);
  if (!placement) return tl::unexpected(placement.error());
  const std::filesystem::path folder(config.model_folder);
  if (auto ok = check_folder(folder); !ok) return tl::unexpected(ok.error());
  const bool on_gpu = placement->device == "cuda";
  try {
    const bool as_int8 =
        !on_gpu && (placement->compute_type == "int8" || placement->compute_type == "int8_float32");
    const auto weights = as_int8 ? models::int8_weights_path(folder.string())
                                 : (folder / models::kWeightsFile).string();
    ctranslate2::models::ModelLoader loader(
        std::make_shared<FolderReader>(folder.string(), weights));
    loader.device = on_gpu ? ctranslate2::Device::CUDA : ctranslate2::Device::CPU;
    loader.device_indices = placement->device_index;
    loader.num_replicas_per_device = placement->replicas_per_device;
    loader.compute_type = ctranslate2::str_to_compute_type(placement->compute_type);
    ctranslate2::ReplicaPoolConfig pool;
    pool.num_threads_per_replica = placement->threads;
    pool.max_queued_batches = -1;
    // A path that ends in a slash has an empty filename.
    const auto name = (folder / "").lexically_normal().parent_path().filename().string();
    auto engine = std::make_unique<Ctranslate2Engine>(loader, pool, *placement, name, config.note);
    if (on_gpu) warm_up(*engine);
    return engine;
  } catch (const std::bad_alloc&) {
    return fail(Errc::unavailable, "not enough memory to load " + folder.string());
  } catch (const std::exception& error) {
    const std::string cause = first_line(error.what());
    if (on_gpu && is_cuda_failure(cause)) return fail(Errc::unavailable, "device cuda: " + cause);
    return fail(Errc::bad_model, "cannot load " + folder.string() + ": " + cause);
  }
}

}  // namespace steno::asr
