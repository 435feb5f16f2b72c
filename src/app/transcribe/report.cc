#include "app/transcribe/report.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/terminal/printable.h"
#include "base/atomic_file.h"
#include "transcript/json.h"
#include "transcript/rttm.h"

namespace steno::app {
namespace {

using Clock = std::chrono::steady_clock;

std::string display_name(const std::string& input) {
  return input == "-" ? "stdin" : printable(input);
}

// "01:02.300", "1:01:02.300"
std::string time_text(double seconds) {
  const auto total = std::max(0LL, std::llround(seconds * 1000));
  char text[48];
  if (total >= 3600000) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld.%03lld", total / 3600000,
                  total / 60000 % 60, total / 1000 % 60, total % 1000);
  } else {
    std::snprintf(text, sizeof text, "%02lld:%02lld.%03lld", total / 60000, total / 1000 % 60,
                  total % 1000);
  }
  return text;
}

}  // namespace

// The state of one input.
struct Report::Entry {
  std::string input;
  Clock::time_point start;
  bool started = false;
  bool finished = false;
  FileProgress progress;
  std::vector<Segment> segments;  // in order; cleared when no longer needed
  size_t printed = 0;             // how many of them
  std::optional<Transcript> transcript;
  std::optional<StreamWriter> writer;  // while its segments are printed one by one
};

std::string timed_line(const Segment& segment) {
  Transcript alone;
  alone.segments.push_back(segment);
  alone.segments.back().speaker.clear();  // because the label has a time of its own
  std::string text = write(alone, Format::txt);
  if (text.empty()) return text;
  if (!segment.speaker.empty()) text.insert(0, segment.speaker + ": ");
  return "[" + time_text(segment.start) + " --> " + time_text(segment.end) + "] " + text;
}

std::string timed_text(const Transcript& transcript) {
  std::string text;
  for (const Segment& segment : transcript.segments) text += timed_line(segment);
  return text;
}

Report::Report(const TranscribeSettings& settings, StandardOutput& output, std::FILE* messages,
               std::stop_source stop)
    : settings_(settings),
      output_(output),
      messages_(messages),
      stop_(std::move(stop)),
      bar_(messages, !settings.quiet) {
  for (const std::string& input : settings.inputs) {
    Entry entry;
    entry.input = input;
    entries_.push_back(std::move(entry));
  }
}

Report::~Report() = default;

bool Report::to_standard_output() const { return settings_.output_dir.empty() || settings_.stream; }

void Report::say(const std::string& line) {
  bar_.clear();
  std::fprintf(messages_, "steno: %s\n", printable(line).c_str());
  std::fflush(messages_);
}

void Report::started(size_t input) {
  entries_[input].started = true;
  entries_[input].start = Clock::now();
}

void Report::segment(size_t input, const Segment& segment) {
  if (!to_standard_output()) return;
  entries_[input].segments.push_back(segment);
  if (settings_.stream && input == next_) print_ready();
}

void Report::progress(size_t input, const FileProgress& progress) {
  entries_[input].progress = progress;
}

void Report::finished(size_t input, Result<Transcript> result) {
  Entry& entry = entries_[input];
  entry.finished = true;
  if (result) {
    if (!settings_.quiet) {
      for (const std::string& warning : result->warnings) say(warning);
    }
    if (!settings_.output_dir.empty()) write_files(input, *result);
    if (settings_.verbose) say_result(entry, *result);
    if (to_standard_output()) entry.transcript = *std::move(result);
  } else if (result.error().code != Errc::cancelled || !stop_.stop_requested()) {
    fail_input(input, result.error().message);
  } else {
    entry.finished = false;  // conclude_interrupted prints the available part
  }
  print_ready();
}

void Report::write_files(size_t input, const Transcript& transcript) {
  for (const Format format : settings_.formats) {
    const std::string path = settings_.output_dir + "/" + output_name(entries_[input].input) + "." +
                             std::string(extension_of(format));
    const auto written = write_file_atomically(path, text_of(entries_[input], transcript, format));
    if (!written) fail_input(input, written.error().message);
  }
}

std::string Report::text_of(const Entry& entry, const Transcript& transcript, Format format) const {
  if (settings_.timestamps && format == Format::txt) return timed_text(transcript);
  if (format == Format::verbose_json) {
    const bool translated = settings_.options.task == Task::translate;
    return to_verbose_json(transcript, translated ? "translate" : "transcribe");
  }
  if (format == Format::rttm) return to_rttm(transcript, output_name(entry.input));
  return write(transcript, format, settings_.subtitles);
}

void Report::fail_input(size_t input, const std::string& message) {
  any_failed_ = true;
  const std::string name = display_name(entries_[input].input);
  const bool names_it = message.find(name) != std::string::npos ||
                        (name == "stdin" && message.starts_with("standard input"));
  say(names_it ? message : name + ": " + message);
}

void Report::print_ready() {
  while (next_ < entries_.size()) {
    Entry& entry = entries_[next_];
    if (settings_.stream) {
      print_segments(entry);
    } else if (entry.finished) {
      print_whole(entry);
    }
    if (!entry.finished) return;
    entry.segments = {};
    entry.transcript.reset();
    ++next_;
  }
}

// Prints the segments since the last call, and the end of the file.
void Report::print_segments(Entry& entry) {
  const bool wanted = entry.printed < entry.segments.size() || entry.transcript;
  if (!wanted) return;
  const bool timed = settings_.timestamps && settings_.formats.front() == Format::txt;
  if (!entry.writer) {
    entry.writer.emplace(settings_.formats.front(), settings_.subtitles);
    print_heading(entry);
    print(entry.writer->header());
  }
  for (; entry.printed < entry.segments.size(); ++entry.printed) {
    const Segment& segment = entry.segments[entry.printed];
    print(timed ? timed_line(segment) : entry.writer->segment(segment));
  }
  if (entry.finished && !timed) print(entry.writer->finish());
}

void Report::print_whole(Entry& entry) {
  if (!entry.transcript) return;
  print_heading(entry);
  print(text_of(entry, *entry.transcript, settings_.formats.front()));
}

// Separates the text of several files as `head` does.
void Report::print_heading(const Entry& entry) {
  if (entries_.size() > 1 && settings_.formats.front() == Format::txt) {
    print((printed_any_ ? "\n==> " : "==> ") + display_name(entry.input) + " <==\n");
  }
  printed_any_ = true;
}

void Report::print(std::string_view text) {
  if (text.empty()) return;
  bar_.clear();
  const bool was_open = output_.state() == OutputState::open;
  output_.write(text);
  if (!was_open || output_.state() == OutputState::open) return;
  if (output_.state() == OutputState::failed) {
    any_failed_ = true;
    say(output_.failure());
  }
  stop_.request_stop();
}

void Report::conclude_interrupted() {
  bar_.clear();
  for (; next_ < entries_.size(); ++next_) {
    Entry& entry = entries_[next_];
    if (settings_.stream) print_segments(entry);
    if (entry.finished && !settings_.stream) print_whole(entry);
    if (entry.finished || !entry.started) continue;
    const bool partly = settings_.output_dir.empty() && !entry.segments.empty() &&
                        !needs_whole(settings_.formats.front());
    if (partly && !settings_.stream) {
      entry.transcript.emplace();
      entry.transcript->segments = entry.segments;
      print_whole(entry);
    }
    const std::string upto =
        partly ? "; its text up to " + time_text(entry.segments.back().end) + " has been written"
               : "";
    say(display_name(entry.input) + ": interrupted" + upto);
  }
}

void Report::tick() {
  if (to_standard_output()) {
    output_.look_for_reader();
    if (output_.state() == OutputState::reader_gone) stop_.request_stop();
  }
  if (!bar_.visible()) return;
  const auto running = std::ranges::find_if(
      entries_, [](const Entry& entry) { return entry.started && !entry.finished; });
  if (running == entries_.end()) return bar_.clear();
  BarState state;
  state.name = display_name(running->input);
  state.more = static_cast<int>(std::ranges::count(entries_, false, &Entry::finished)) - 1;
  state.done = running->progress.done;
  state.length = running->progress.length;
  state.unit = running->progress.unit;
  state.elapsed = std::chrono::duration<double>(Clock::now() - running->start).count();
  bar_.show(state);
}

void Report::say_result(const Entry& entry, const Transcript& transcript) {
  const double took = std::chrono::duration<double>(Clock::now() - entry.start).count();
  char numbers[160];
  std::snprintf(numbers, sizeof numbers,
                ": language %s (%.2f), %.1f s of audio, %.1f s of it speech, in %.2f s (%.1fx)",
                transcript.language.c_str(), transcript.language_probability, transcript.duration,
                transcript.duration_after_vad, took, transcript.duration / std::max(took, 1e-3));
  say(display_name(entry.input) + numbers);
}

}  // namespace steno::app
