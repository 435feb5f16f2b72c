#pragma once

#include <cstdio>
#include <stop_token>
#include <string>

#include "app/terminal/progress_bar.h"
#include "app/terminal/standard_output.h"
#include "client/client.h"
#include "transcript/writers.h"

namespace steno::app {

/// Prints a watched job's segments, one line each, and its progress. On a terminal, progress is a
/// bar; otherwise a line is printed when the state or stage changes, and every ten percent.
class WatchReport : public client::JobWatcher {
 public:
  enum class Wanted { text, all };

  /// Requests `stop` if the reader of the output has closed it.
  WatchReport(std::string job_id, StandardOutput& output, std::FILE* messages, Wanted wanted,
              std::stop_source stop);

  void progress(const client::JobProgress& progress) override;
  void segment(const Segment& segment) override;
  /// Removes the bar.
  void clear() { bar_.clear(); }

 private:
  void say(int tenth);

  const std::string job_id_;
  StandardOutput& output_;
  std::FILE* messages_;
  const Wanted wanted_;
  std::stop_source stop_;
  ProgressBar bar_;
  StreamWriter writer_{Format::txt};
  std::string stage_;
  int said_tenth_ = -1;
};

}  // namespace steno::app
