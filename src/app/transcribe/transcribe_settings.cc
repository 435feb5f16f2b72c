#include "app/transcribe/transcribe_settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "app/remote/server_fields.h"
#include "app/transcribe/known_speaker_option.h"
#include "app/transcribe/replace_options.h"
#include "base/nearest.h"
#include "options/option_name.h"
#include "options/option_table.h"

namespace steno::app {
namespace {

constexpr const char* kAllFormats = "txt,json,srt,vtt,tsv";

template <class Value>
Value or_refuse(Result<Value> result) {
  if (!result) throw CLI::ValidationError(result.error().message);
  return *std::move(result);
}

// The placeholder after the option's name in the help: N, TEXT, or the allowed words if they fit.
template <class Owner>
std::string value_name(const Option<Owner>& row) {
  constexpr size_t kMostLetters = 24;
  std::string words;
  switch (row.type) {
    case OptionType::wholes:
    case OptionType::numbers:
      return "N,N...";
    case OptionType::choices:
      return "NAME,...";
    case OptionType::whole:
    case OptionType::number:
      return "N";
    case OptionType::choice:
      for (const std::string& choice : row.choices) words += (words.empty() ? "" : "|") + choice;
      return words.size() <= kMostLetters ? words : "NAME";
    case OptionType::language:
      return "LANGUAGE";
    default:
      return "TEXT";
  }
}

template <class Owner>
std::string help_of(const Option<Owner>& row) {
  const std::string standard = option_text(row.get(Owner()));
  const bool is_plain = row.type == OptionType::text || row.type == OptionType::flag ||
                        (row.type == OptionType::choice && value_name(row) != "NAME");
  std::string help = row.help + ". ";
  if (row.type == OptionType::choice && !is_plain) {
    help += "One of " + row.allowed() + ". ";
  } else if (!is_plain) {
    std::string allowed = row.allowed();
    allowed.front() = static_cast<char>(std::toupper(allowed.front()));
    help += allowed + ". ";
  }
  return help + "Default: " + (standard.empty() ? "empty" : standard);
}

// Adds one row of the option table as an option or a flag.
template <class Owner>
void add_row(CLI::App& command, const Option<Owner>& row, Owner& owner) {
  const std::string name = dashed_name(row.name);
  const auto apply = [&row, &owner](const std::string& text) {
    row.put(owner, or_refuse(row.parsed(text)));
  };
  CLI::Option* option = nullptr;
  if (row.type == OptionType::flag) {
    // The parser needs a variable to store the word; `each` passes it on.
    const auto word = std::make_shared<std::string>();
    option = command.add_flag("--" + name + ",!--no-" + name, *word, help_of(row));
    option->each([word, apply](const std::string& text) { apply(text); });
  } else {
    option = command.add_option_function<std::string>("--" + name, apply, help_of(row));
    option->type_name(value_name(row));
  }
  option->group(row.group)->take_last();
}

// For the help only: `normalised_arguments` has replaced it by --decoding, unless its value is
// wrong.
void add_sequential(CLI::App& command) {
  const auto word = std::make_shared<std::string>();
  CLI::Option* flag = command.add_flag("--sequential", *word, "Same as --decoding sequential");
  flag->group("Input and decoding")->take_last();
  flag->each([word](const std::string& text) {
    throw CLI::ValidationError("sequential must be true or false, not \"" + text + "\"");
  });
}

std::vector<Format> formats_of(std::string_view list) {
  std::vector<Format> formats;
  while (true) {
    const size_t comma = list.find(',');
    const Format format = or_refuse(parse_format(list.substr(0, comma)));
    if (std::ranges::find(formats, format) == formats.end()) formats.push_back(format);
    if (comma == std::string_view::npos) return formats;
    list.remove_prefix(comma + 1);
  }
}

void add_count(CLI::App& command, const std::string& name, std::optional<int>& field,
               const std::string& help) {
  const auto apply = [name, &field](const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1) {
      throw CLI::ValidationError(name + " must be a whole number from 1, not \"" + text + "\"");
    }
    field = value;
  };
  command.add_option_function<std::string>("--" + dashed_name(name), apply, help)
      ->type_name("N")
      ->group("Output")
      ->take_last();
}

void add_formats(CLI::App& command, TranscribeSettings& settings, const std::string& help) {
  const auto set_formats = [&settings](const std::string& text) {
    settings.formats = formats_of(text == "all" ? kAllFormats : text);
  };
  command.add_option_function<std::string>("-f,--format,--output-format", set_formats, help)
      ->type_name("FORMAT,...")
      ->group("Output")
      ->take_last();
  const auto set_folder = [&settings](const std::string& text) {
    if (text.empty()) throw CLI::ValidationError("output_dir must not be empty");
    settings.output_dir = text;
  };
  command
      .add_option_function<std::string>(
          "-o,--output-dir", set_folder,
          "Write NAME.FORMAT into this folder, completely or not at all, and nothing to standard "
          "output. NAME is the file's name without its extension, or stdin for -")
      ->type_name("DIR")
      ->group("Output")
      ->take_last();
}

void add_loudness(CLI::App& command, TranscribeSettings& settings) {
  command.add_flag("-q,--quiet", settings.quiet, "No progress bar and no warnings, only errors")
      ->group("Output");
  command
      .add_flag("-v,--verbose", settings.verbose,
                "Print the model, its device, and the time of each file")
      ->group("Output");
}

void add_inputs(CLI::App& command, TranscribeSettings& settings) {
  command
      .add_option("FILE", settings.inputs,
                  "Audio or video files of any format that FFmpeg reads; - is standard input")
      ->required();
}

void add_output(CLI::App& command, TranscribeSettings& settings) {
  add_formats(command, settings,
              "Output formats: txt, json, srt, vtt, tsv, several with commas, or all for these; or "
              "OpenAI's verbose_json; or rttm, which needs --diarize. Formats other than txt need "
              "--output-dir for several files. Default: txt");
  command
      .add_flag("--stream", settings.stream,
                "Print segments to standard output as soon as they are known (json: an object a "
                "line)")
      ->group("Output");
  command
      .add_flag("--timestamps", settings.timestamps,
                "Print times before each line of text (txt only)")
      ->group("Output");
  const auto set_cues = [&settings](const std::string& text) {
    settings.subtitles.cues = or_refuse(parse_cue_rule(text));
  };
  command
      .add_option_function<std::string>(
          "--cues", set_cues,
          "Subtitles: cut at the ends of sentences and clauses, for which words get their times, "
          "or "
          "with segments as openai-whisper does it. Default: sentences")
      ->type_name("sentences|segments")
      ->group("Output")
      ->take_last();
  add_count(command, "max_line_width", settings.subtitles.max_line_width,
            "Subtitles: most characters of a line; with --cues sentences 42, or 21 without spaces");
  add_count(command, "max_line_count", settings.subtitles.max_line_count,
            "Subtitles: most lines of a cue; with --cues sentences 2, else needs "
            "--max-line-width");
  add_count(command, "max_words_per_line", settings.subtitles.max_words_per_line,
            "Subtitles: most words of a cue; with --cues segments not with --max-line-width");
  command
      .add_flag("--highlight-words", settings.subtitles.highlight_words,
                "Subtitles: underline each word while it is spoken")
      ->group("Output");
  add_loudness(command, settings);
}

void add_service(CLI::App& command, TranscribeSettings& settings) {
  add_server_options(command, settings.server,
                     "Transcribe with a running service, each file as a job. Without URL: "
                     "STENO_URL, or http://127.0.0.1:8080. Ctrl-C cancels the jobs");
  command.parse_complete_callback([&command, &settings] {
    settings.given = given_options(command);
    settings.by_service = std::ranges::count(settings.given, "server") > 0;
  });
}

// Refuses voice activity options if voice activity detection is off.
Result<void> check_voice_activity(const TranscribeOptions& options) {
  if (options.vad_filter && options.clip_timestamps.empty()) return {};
  const std::string instead = options.vad_filter ? "--clip-timestamps" : "--no-vad-filter";
  for (const auto& row : transcribe_option_table()) {
    if (!row.name.starts_with("vad_") || row.name == "vad_filter") continue;
    if (row.get(options) == row.get(TranscribeOptions())) continue;
    return fail(Errc::invalid_argument,
                "--" + dashed_name(row.name) + " has no effect with " + instead);
  }
  return {};
}

// Refuses options that would have no effect.
Result<void> check_effects(const TranscribeSettings& settings) {
  const SubtitleOptions& subtitles = settings.subtitles;
  const bool by_segments = subtitles.cues == CueRule::segments;
  if (by_segments && subtitles.max_line_count && !subtitles.max_line_width) {
    return fail(Errc::invalid_argument,
                "--max-line-count needs --max-line-width with --cues segments");
  }
  if (by_segments && subtitles.max_words_per_line && subtitles.max_line_width) {
    return fail(
        Errc::invalid_argument,
        "--max-words-per-line and --max-line-width exclude each other with --cues segments");
  }
  if (settings.timestamps && std::ranges::count(settings.formats, Format::txt) == 0) {
    return fail(Errc::invalid_argument, "--timestamps is for --format txt; " +
                                            std::string(name_of(settings.formats.front())) +
                                            " has times of its own");
  }
  if (std::ranges::count(settings.formats, Format::rttm) > 0 &&
      !settings.options.speakers.diarize) {
    return fail(Errc::invalid_argument, "rttm contains only speakers, so it needs --diarize");
  }
  if (settings.options.hallucination_silence_threshold) {
    const std::string name = "--hallucination-silence-threshold";
    if (!decoding_options(settings).word_timestamps) {
      return fail(Errc::invalid_argument, name + " needs --word-timestamps");
    }
    if (settings.options.decoding != Decoding::sequential) {
      return fail(Errc::invalid_argument, name + " needs --sequential");
    }
  }
  return check_voice_activity(settings.options);
}

// Refuses two inputs with the same output file, and an output that is an input.
Result<void> check_outputs(const TranscribeSettings& settings) {
  std::map<std::string, std::string> owners;
  for (const std::string& input : settings.inputs) {
    const auto [owner, added] = owners.emplace(output_name(input), input);
    if (!added) {
      return fail(Errc::invalid_argument, owner->second + " and " + input +
                                              " would both be written to " + settings.output_dir +
                                              "/" + owner->first + "." +
                                              std::string(extension_of(settings.formats.front())));
    }
    for (const Format format : settings.formats) {
      const auto output = std::filesystem::path(settings.output_dir) /
                          (owner->first + "." + std::string(extension_of(format)));
      std::error_code ignored;
      if (std::filesystem::equivalent(output, input, ignored)) {
        return fail(Errc::invalid_argument,
                    input + " would be overwritten by its own " + std::string(name_of(format)));
      }
    }
  }
  return {};
}

}  // namespace

std::string output_name(const std::string& input) {
  if (input == "-") return "stdin";
  return std::filesystem::path(input).stem().string();
}

TranscribeOptions decoding_options(const TranscribeSettings& settings) {
  TranscribeOptions options = settings.options;
  const SubtitleOptions& subtitles = settings.subtitles;
  const bool has_cues = std::ranges::any_of(settings.formats, [](Format format) {
    return format == Format::srt || format == Format::vtt;
  });
  if (has_cues && subtitles.cues == CueRule::sentences) options.word_timestamps = true;
  if (subtitles.max_line_width || subtitles.max_words_per_line || subtitles.highlight_words) {
    options.word_timestamps = true;
  }
  return options;
}

void add_transcribe_options(CLI::App& command, TranscribeSettings& settings) {
  add_inputs(command, settings);
  command
      .add_option("-m,--model", settings.model,
                  "A name of `steno models`, a folder in faster-whisper's format, or owner/repo. "
                  "Default: base")
      ->type_name("MODEL")
      ->group("Model")
      ->take_last();
  for (const auto& row : device_option_table()) add_row(command, row, settings.device);
  add_output(command, settings);
  for (const auto& row : transcribe_option_table()) {
    if (!row.after_recognition) add_row(command, row, settings.options);
  }
  add_options_after_recognition(command, settings.options);
  add_sequential(command);
  add_service(command, settings);
}

void add_diarize_options(CLI::App& command, TranscribeSettings& settings) {
  add_inputs(command, settings);
  add_formats(command, settings,
              "Formats to write: rttm, json, or both with a comma. Those of several files need "
              "--output-dir, but for rttm. Default: rttm");
  add_loudness(command, settings);
  for (const auto& row : transcribe_option_table()) {
    const bool is_of_speakers = row.name.ends_with("_speakers") && row.type == OptionType::whole;
    if (is_of_speakers || row.name == "audio_track") add_row(command, row, settings.options);
  }
  add_known_speaker_option(command, settings.options.speakers.known_speakers);
  command.parse_complete_callback([&settings] {
    settings.options.speakers.diarize = true;
    if (settings.formats == std::vector{Format::txt}) settings.formats = {Format::rttm};
  });
}

Result<void> check_diarize(const TranscribeSettings& settings) {
  for (const Format format : settings.formats) {
    if (format == Format::rttm || format == Format::json) continue;
    return fail(Errc::invalid_argument, "format must be rttm or json, which have speakers, not \"" +
                                            std::string(name_of(format)) + "\"");
  }
  return check(settings);
}

void add_options_after_recognition(CLI::App& command, TranscribeOptions& options) {
  for (const auto& row : transcribe_option_table()) {
    const bool is_list = row.type == OptionType::rules || row.type == OptionType::speakers;
    if (row.after_recognition && !is_list) add_row(command, row, options);
  }
  add_known_speaker_option(command, options.speakers.known_speakers);
  add_replace_options(command, options.post.replace);
}

std::vector<std::string> given_options(const CLI::App& command) {
  std::vector<std::string> given;
  for (const CLI::Option* option : command.get_options()) {
    const auto& names = option->get_lnames();
    if (option->count() > 0 && !names.empty()) given.push_back(names.front());
  }
  return given;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_items_expected_max() > 0) continue;
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

Result<void> check(const TranscribeSettings& settings) {
  if (auto good = validate(settings.options); !good) return good;
  if (auto good = validate(settings.device); !good) return good;
  if (auto good = validate(settings.subtitles); !good) return good;
  if (std::ranges::count(settings.inputs, "-") > 1) {
    return fail(Errc::invalid_argument, "standard input (-) can be read only once");
  }
  if (settings.by_service) {
    if (auto good = check_for_service(settings); !good) return good;
  } else if (!settings.server.api_key_file.empty()) {
    return fail(Errc::invalid_argument, "--api-key-file needs --server");
  }
  if (settings.quiet && settings.verbose) {
    return fail(Errc::invalid_argument, "--quiet and --verbose contradict each other");
  }
  if (auto good = check_effects(settings); !good) return good;
  if (!settings.output_dir.empty()) return check_outputs(settings);
  if (settings.formats.size() > 1) {
    return fail(Errc::invalid_argument,
                "several formats need --output-dir; standard output takes one");
  }
  const Format format = settings.formats.front();
  if (settings.stream && format == Format::verbose_json) {
    return fail(Errc::invalid_argument, "--stream cannot write verbose_json: it is one object");
  }
  if (settings.stream && format == Format::rttm) {
    return fail(Errc::invalid_argument,
                "--stream cannot write rttm: who speaks is known at the end");
  }
  const bool is_lines = format == Format::txt || format == Format::rttm ||
                        (format == Format::json && settings.stream);
  if (settings.inputs.size() > 1 && !is_lines) {
    return fail(Errc::invalid_argument,
                std::string(name_of(format)) + " of several files needs --output-dir");
  }
  return {};
}

}  // namespace steno::app
