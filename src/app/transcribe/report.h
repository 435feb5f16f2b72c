#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/terminal/progress_bar.h"
#include "app/terminal/standard_output.h"
#include "app/transcribe/file_runner.h"
#include "app/transcribe/transcribe_settings.h"

namespace steno::app {

/// "[01:02.300 --> 01:05.000] Hello.\n", with hours if needed, and with the channel if channels
/// were split. Empty for a segment without text.
std::string timed_line(const Segment& segment);

/// The timed lines of all segments.
std::string timed_text(const Transcript& transcript);

/// Writes the transcripts of one call: to files as soon as each is done, to standard output in the
/// order of the inputs. Failures, warnings and the progress bar go to `messages`.
class Report : public RunObserver {
 public:
  /// Requests `stop` if the reader of standard output has closed it. `settings` is borrowed.
  Report(const TranscribeSettings& settings, StandardOutput& output, std::FILE* messages,
         std::stop_source stop);
  ~Report() override;

  void started(size_t input) override;
  void segment(size_t input, const Segment& segment) override;
  void progress(size_t input, const FileProgress& progress) override;
  void finished(size_t input, Result<Transcript> result) override;
  void tick() override;

  /// After an interruption: prints finished transcripts that waited for their turn, and the
  /// available segments of the others if they go to standard output as text.
  void conclude_interrupted();

  /// Writes a line to the messages, above the progress bar.
  void say(const std::string& line);

  bool any_failed() const { return any_failed_; }

 private:
  struct Entry;

  std::string text_of(const Entry& entry, const Transcript& transcript, Format format) const;
  void write_files(size_t input, const Transcript& transcript);
  void fail_input(size_t input, const std::string& message);
  void print_ready();
  void print_segments(Entry& entry);
  void print_whole(Entry& entry);
  void print_heading(const Entry& entry);
  void print(std::string_view text);
  bool to_standard_output() const;
  void say_result(const Entry& entry, const Transcript& transcript);

  const TranscribeSettings& settings_;
  StandardOutput& output_;
  std::FILE* messages_;
  std::stop_source stop_;
  ProgressBar bar_;
  std::vector<Entry> entries_;
  size_t next_ = 0;  // the first input that is not completely printed
  bool printed_any_ = false;
  bool any_failed_ = false;
};

}  // namespace steno::app
