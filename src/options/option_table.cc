#include "options/option_table.h"

#include <algorithm>
#include <type_traits>

#include "base/nearest.h"

namespace steno {
namespace {

// The words of each enumeration, in the order of its enumerators.
const std::vector<std::string>& words_of(Task) {
  static const std::vector<std::string> words = {"transcribe", "translate"};
  return words;
}
const std::vector<std::string>& words_of(Channels) {
  static const std::vector<std::string> words = {"mix", "split"};
  return words;
}
const std::vector<std::string>& words_of(Decoding) {
  static const std::vector<std::string> words = {"batched", "sequential"};
  return words;
}

const std::vector<std::string>& words_of(Redaction) {
  static const std::vector<std::string> words = {"card", "iban", "email", "phone", "number"};
  return words;
}

const std::vector<std::string>& words_of(OptionalStage) {
  static const std::vector<std::string> words = {"diarize"};
  return words;
}

template <class T>
T enumerator_of(const std::string& word) {
  const auto& words = words_of(T());
  return static_cast<T>(std::ranges::find(words, word) - words.begin());
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
struct IsEnumeratorList : std::false_type {};
template <class T>
struct IsEnumeratorList<std::vector<T>> : std::bool_constant<std::is_enum_v<T>> {};

template <class T>
OptionValue value_of(const T& field) {
  if constexpr (IsOptional<T>::value) {
    return field ? value_of(*field) : OptionValue();
  } else if constexpr (std::is_enum_v<T>) {
    return words_of(field).at(static_cast<size_t>(field));
  } else if constexpr (std::is_same_v<T, int>) {
    return static_cast<double>(field);
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return std::vector<double>(field.begin(), field.end());
  } else if constexpr (IsEnumeratorList<T>::value) {
    std::vector<std::string> words;
    for (const auto each : field) words.push_back(words_of(each).at(static_cast<size_t>(each)));
    return words;
  } else {
    return field;
  }
}

template <class T>
T field_of(const OptionValue& value) {
  if constexpr (IsOptional<T>::value) {
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return field_of<typename T::value_type>(value);
  } else if constexpr (std::is_enum_v<T>) {
    return enumerator_of<T>(std::get<std::string>(value));
  } else if constexpr (std::is_same_v<T, int>) {
    return static_cast<int>(std::get<double>(value));
  } else if constexpr (std::is_same_v<T, std::vector<int>> ||
                       std::is_same_v<T, std::vector<double>>) {
    if (std::holds_alternative<std::monostate>(value)) return {};
    const auto& numbers = std::get<std::vector<double>>(value);
    return T(numbers.begin(), numbers.end());
  } else if constexpr (IsEnumeratorList<T>::value) {
    T kinds;
    if (std::holds_alternative<std::monostate>(value)) return kinds;
    for (const auto& word : std::get<std::vector<std::string>>(value)) {
      kinds.push_back(enumerator_of<typename T::value_type>(word));
    }
    return kinds;
  } else if constexpr (std::is_same_v<T, std::vector<ReplaceRule>> ||
                       std::is_same_v<T, std::vector<KnownSpeaker>>) {
    return std::holds_alternative<std::monostate>(value) ? T() : std::get<T>(value);
  } else {
    return std::get<T>(value);
  }
}

template <class T>
constexpr OptionType type_of() {
  if constexpr (IsOptional<T>::value) {
    return type_of<typename T::value_type>();
  } else if constexpr (std::is_enum_v<T>) {
    return OptionType::choice;
  } else if constexpr (std::is_same_v<T, bool>) {
    return OptionType::flag;
  } else if constexpr (std::is_same_v<T, int>) {
    return OptionType::whole;
  } else if constexpr (std::is_same_v<T, double>) {
    return OptionType::number;
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return OptionType::wholes;
  } else if constexpr (std::is_same_v<T, std::vector<double>>) {
    return OptionType::numbers;
  } else if constexpr (IsEnumeratorList<T>::value) {
    return OptionType::choices;
  } else if constexpr (std::is_same_v<T, std::vector<ReplaceRule>>) {
    return OptionType::rules;
  } else if constexpr (std::is_same_v<T, std::vector<KnownSpeaker>>) {
    return OptionType::speakers;
  } else {
    return OptionType::text;
  }
}

// Adds rows. `field` is a pointer to a member, or a function from the struct to a reference.
template <class Owner>
class Rows {
 public:
  void group(std::string name) { group_ = std::move(name); }
  void begin_after_recognition() { after_recognition_ = true; }

  template <class Field>
  Option<Owner>& add(const std::string& name, Field field, const std::string& help,
                     std::optional<Range> range = std::nullopt) {
    using T = std::remove_cvref_t<std::invoke_result_t<Field, Owner&>>;
    Option<Owner> row;
    row.name = name;
    row.group = group_;
    row.help = help;
    row.type = type_of<T>();
    row.nullable = IsOptional<T>::value;
    row.after_recognition = after_recognition_;
    row.range = range;
    if constexpr (std::is_enum_v<T>) row.choices = words_of(T());
    if constexpr (IsEnumeratorList<T>::value) row.choices = words_of(typename T::value_type());
    row.get = [field](const Owner& owner) { return value_of<T>(std::invoke(field, owner)); };
    row.put = [field](Owner& owner, const OptionValue& value) {
      std::invoke(field, owner) = field_of<T>(value);
    };
    rows_.push_back(std::move(row));
    return rows_.back();
  }

  std::vector<Option<Owner>> take() { return std::move(rows_); }

 private:
  std::string group_;
  bool after_recognition_ = false;
  std::vector<Option<Owner>> rows_;
};

using O = TranscribeOptions;

void add_audio(Rows<O>& rows) {
  rows.group("Input and decoding");
  rows.add("language", &O::language, "The spoken language; none or auto: detected").type =
      OptionType::language;
  rows.add("task", &O::task, "Transcribe the speech, or translate it into English");
  rows.add("multilingual", &O::multilingual, "Detect the language of each window");
  rows.add(
      "audio_track", &O::audio_track,
      "The audio track of the file; 0 is the first, none the one that the file marks as default",
      Range{0, 999});
  rows.add("channels", &O::channels,
           "Mix all channels into one, or transcribe each separately with a label in the text: "
           "Channel 0, Channel 1 (call recordings)");
  rows.add("decoding", &O::decoding,
           "Decode windows independently and in parallel, or one after the other, conditioned on "
           "the text before");
}

void add_search(Rows<O>& rows) {
  rows.group("Search");
  rows.add("beam_size", &O::beam_size, "Hypotheses kept at temperature 0", Range{1, 100});
  rows.add("best_of", &O::best_of, "Hypotheses sampled at a temperature above 0", Range{1, 100});
  rows.add("patience", &O::patience,
           "The search ends when beam_size times this many hypotheses have ended. With int8 on a "
           "CPU it ends when no hypothesis can beat the best ended one; above 1 not before that "
           "many have ended, and always after twice that many",
           Range{0.01, 100});
  rows.add("length_penalty", &O::length_penalty, "Exponent of the length in a hypothesis's score",
           Range{-10, 10});
  rows.add("repetition_penalty", &O::repetition_penalty,
           "Above 1: tokens that occurred before become less likely", Range{0.01, 100});
  rows.add("no_repeat_ngram_size", &O::no_repeat_ngram_size,
           "Do not repeat a sequence of this many tokens; 0: no limit", Range{0, 448});
  rows.add("temperature", &O::temperature,
           "Temperatures to try in order until a window's text meets the thresholds",
           Range{0, 2, false, 0.01});
  rows.add("compression_ratio_threshold", &O::compression_ratio_threshold,
           "Compression ratio above which a text counts as repetitive and is decoded again",
           Range{0, 100, true});
  rows.add("log_prob_threshold", &O::log_prob_threshold,
           "Mean log-probability per token below which a window is decoded again", Range{-100, 0});
  rows.add("no_speech_threshold", &O::no_speech_threshold,
           "Probability of silence above which an improbable text is discarded", Range{0, 1});
  rows.add("suppress_blank", &O::suppress_blank, "Do not start a window with a blank");
  rows.add("suppress_tokens", &O::suppress_tokens,
           "Token ids that are never generated; -1: the model's list of symbols", Range{-1, 99999})
      .nullable = true;
  rows.add("max_new_tokens", &O::max_new_tokens, "Most tokens generated for one window",
           Range{1, 448});
}

void add_prompt(Rows<O>& rows) {
  rows.group("Prompt");
  rows.add("condition_on_previous_text", &O::condition_on_previous_text,
           "Condition each window on the text before it (sequential decoding)");
  rows.add("prompt_reset_on_temperature", &O::prompt_reset_on_temperature,
           "Drop the previous text after a window that needed a higher temperature (sequential "
           "decoding)",
           Range{0, 2});
  rows.add("initial_prompt", &O::initial_prompt,
           "Text before the first window, or before every window in batched decoding");
  rows.add("prefix", &O::prefix, "Text with which the first window starts");
  rows.add("hotwords", &O::hotwords, "Expected words, given before every window");
}

void add_times(Rows<O>& rows) {
  rows.group("Times");
  rows.add("word_timestamps", &O::word_timestamps, "Start, end and probability of each word");
  rows.add("without_timestamps", &O::without_timestamps,
           "Do not generate timestamps within a window; none: true for batched decoding, otherwise "
           "false");
  rows.add("max_initial_timestamp", &O::max_initial_timestamp,
           "Latest start of a window's first text, in seconds", Range{0, 30});
  rows.add("prepend_punctuations", &O::prepend_punctuations,
           "Punctuation that is joined to the next word");
  rows.add("append_punctuations", &O::append_punctuations,
           "Punctuation that is joined to the previous word");
  rows.add("hallucination_silence_threshold", &O::hallucination_silence_threshold,
           "With word times: skip silence longer than this many seconds around possible "
           "hallucinations (sequential decoding)",
           Range{0, 3600});
}

void add_windows(Rows<O>& rows) {
  rows.group("Windows");
  rows.add("chunk_length", &O::chunk_length, "Length of the longest window in seconds; none: 30",
           Range{1, 30});
  rows.add("batch_size", &O::batch_size,
           "Windows decoded together (batched decoding). Larger values are faster only on a GPU; "
           "none: 16 on a GPU, 3 on a CPU with int8, otherwise 1",
           Range{1, 1024});
  rows.add("clip_timestamps", &O::clip_timestamps,
           "Transcribe only these clips: start,end,start,end… in seconds", Range{0, 1e7})
      .nullable = true;
  rows.add("language_detection_threshold", &O::language_detection_threshold,
           "Probability at which language detection stops", Range{0, 1});
  rows.add("language_detection_segments", &O::language_detection_segments,
           "Most parts of speech used for language detection", Range{1, 1000});
}

void add_vad(Rows<O>& rows) {
  rows.group("Voice activity");
  rows.add("vad_filter", &O::vad_filter,
           "Pass only speech to the model; ignored with clip_timestamps");
  rows.add(
      "vad_threshold", [](auto& o) -> auto& { return o.vad.threshold; },
      "Probability above which speech starts", Range{0, 1});
  rows.add(
      "vad_neg_threshold", [](auto& o) -> auto& { return o.vad.neg_threshold; },
      "Probability below which speech ends; none: vad_threshold - 0.15", Range{0, 1});
  rows.add(
      "vad_min_speech_duration_ms", [](auto& o) -> auto& { return o.vad.min_speech_duration_ms; },
      "Shorter speech is dropped", Range{0, 3600000});
  rows.add(
      "vad_max_speech_duration_s", [](auto& o) -> auto& { return o.vad.max_speech_duration_s; },
      "Longer speech is cut at a pause; none: chunk_length for batched decoding, otherwise no "
      "limit",
      Range{0, 1e7, true});
  rows.add(
      "vad_min_silence_duration_ms", [](auto& o) -> auto& { return o.vad.min_silence_duration_ms; },
      "Silence that ends a span of speech; none: 160 for batched decoding, otherwise 2000",
      Range{0, 3600000});
  rows.add(
      "vad_speech_pad_ms", [](auto& o) -> auto& { return o.vad.speech_pad_ms; },
      "Audio kept on each side of speech", Range{0, 60000});
}

void add_speakers(Rows<O>& rows) {
  constexpr Range kSpeakers{1, 100};
  rows.group("Speakers");
  rows.add(
      "diarize", [](auto& o) -> auto& { return o.speakers.diarize; },
      "Find who speaks when and give each word a speaker. With channels split, each channel is a "
      "speaker");
  rows.add(
      "num_speakers", [](auto& o) -> auto& { return o.speakers.num_speakers; },
      "Number of speakers; fewer are found if fewer voices differ", kSpeakers);
  rows.add(
      "min_speakers", [](auto& o) -> auto& { return o.speakers.min_speakers; },
      "Lowest number of speakers", kSpeakers);
  rows.add(
      "max_speakers", [](auto& o) -> auto& { return o.speakers.max_speakers; },
      "Highest number of speakers", kSpeakers);
  rows.add(
          "known_speakers", [](auto& o) -> auto& { return o.speakers.known_speakers; },
          "Names of possible speakers, each with a recording of 2 to 10 s. A speaker that sounds "
          "like one of them gets its name")
      .nullable = true;
  rows.add(
          "require", [](auto& o) -> auto& { return o.speakers.require; },
          "Stages that must succeed. If one of them fails, the transcription fails instead of "
          "adding a warning")
      .nullable = true;
}

void add_post(Rows<O>& rows) {
  rows.group("Text");
  rows.add(
      "utterances", [](auto& o) -> auto& { return o.post.utterances; },
      "json: utterances, each from one speaker and without a long pause, with word times");
  rows.add(
      "paragraphs", [](auto& o) -> auto& { return o.post.paragraphs; },
      "json, txt: sentences grouped into paragraphs, with word times");
  rows.add(
      "filler_words", [](auto& o) -> auto& { return o.post.filler_words; },
      "Keep \"um\" and \"uh\", or their equivalents in the recording's language if it is "
      "supported");
  rows.add(
          "redact", [](auto& o) -> auto& { return o.post.redact; },
          "Replace these by [CARD], [IBAN], [EMAIL], [PHONE] or [NUMBER] in every output. Segments "
          "are then reported only when all of them are final")
      .nullable = true;
  rows.add(
          "replace", [](auto& o) -> auto& { return o.post.replace; },
          "Replace text: patterns of RE2, where \\1 stands for the first group")
      .nullable = true;
}

template <class Owner>
Result<const Option<Owner>*> find(const std::vector<Option<Owner>>& table, std::string_view name) {
  std::vector<std::string> names;
  for (const Option<Owner>& row : table) {
    const bool same = std::equal(row.name.begin(), row.name.end(), name.begin(), name.end(),
                                 [](char a, char b) { return a == (b == '-' ? '_' : b); });
    if (same) return &row;
    names.push_back(row.name);
  }
  return fail(Errc::invalid_argument, "no option is called \"" + std::string(name.substr(0, 60)) +
                                          "\"" + did_you_mean(name, names));
}

template <class Owner>
Result<void> put(const std::vector<Option<Owner>>& table, Owner& options, std::string_view name,
                 const OptionValue& value) {
  const auto row = find(table, name);
  if (!row) return tl::unexpected(row.error());
  const auto good = (*row)->checked(value);
  if (!good) return tl::unexpected(good.error());
  (*row)->put(options, *good);
  return {};
}

template <class Owner>
Result<void> put_text(const std::vector<Option<Owner>>& table, Owner& options,
                      std::string_view name, std::string_view text) {
  const auto row = find(table, name);
  if (!row) return tl::unexpected(row.error());
  const auto good = (*row)->parsed(text);
  if (!good) return tl::unexpected(good.error());
  (*row)->put(options, *good);
  return {};
}

}  // namespace

const std::vector<Option<TranscribeOptions>>& transcribe_option_table() {
  static const auto table = [] {
    Rows<O> rows;
    add_audio(rows);
    add_search(rows);
    add_prompt(rows);
    add_times(rows);
    add_windows(rows);
    add_vad(rows);
    rows.begin_after_recognition();
    add_speakers(rows);
    add_post(rows);
    return rows.take();
  }();
  return table;
}

const std::vector<Option<DeviceOptions>>& device_option_table() {
  static const auto table = [] {
    using D = DeviceOptions;
    Rows<D> rows;
    rows.group("Device");
    auto& device = rows.add("device", &D::device, "Where the model runs; auto: a GPU if one works");
    device.type = OptionType::choice;
    device.choices = {"auto", "cpu", "cuda"};
    rows.add("device_index", &D::device_index, "Which GPUs", Range{0, 127});
    auto& compute = rows.add("compute_type", &D::compute_type,
                             "Number format of the weights; default: int8 on CPU, float16 on GPU");
    compute.type = OptionType::choice;
    compute.choices = {"default",       "auto",  "int8",    "int8_float32", "int8_float16",
                       "int8_bfloat16", "int16", "float16", "bfloat16",     "float32"};
    rows.add(
        "cpu_threads", &D::cpu_threads,
        "Threads per replica of the model; 0: the free cores with int8 on a CPU, otherwise one",
        Range{0, 1024});
    rows.add("num_workers", &D::num_workers,
             "Replicas of the model; 0: one per core, or one per GPU", Range{0, 1024});
    return rows.take();
  }();
  return table;
}

Result<void> set_option(TranscribeOptions& options, std::string_view name,
                        const OptionValue& value) {
  return put(transcribe_option_table(), options, name, value);
}
Result<void> set_option(DeviceOptions& options, std::string_view name, const OptionValue& value) {
  return put(device_option_table(), options, name, value);
}
Result<void> set_option_text(TranscribeOptions& options, std::string_view name,
                             std::string_view text) {
  return put_text(transcribe_option_table(), options, name, text);
}
Result<void> set_option_text(DeviceOptions& options, std::string_view name, std::string_view text) {
  return put_text(device_option_table(), options, name, text);
}

}  // namespace steno
