#pragma once

#include <cstdio>
#include <stop_token>
#include <string>

#include "app/terminal/progress_bar.h"
#include "app/terminal/standard_output.h"
#include "client/client.h"
#include "transcript/writers.h"

namespace steno::app {

/// Prints what a watched job hears, a line of text for each segment, and how far it is: a bar on a
/// terminal, elsewhere a line when its state or stage changes or it has come ten percent further.
class WatchReport : public client::JobWatcher {
 public:
  enum class Wanted { text, all };

  /// Requests `stop` when nobody can read the output any more.
  WatchReport(std::string job_id, StandardOutput& output, std::FILE* messages, Wanted wanted,
              std::stop_source stop);

  void progress(const client::JobProgress& progress) override;
  void segment(const Segment& segment) override;
  /// Takes the bar away.
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
