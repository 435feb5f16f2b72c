#include "app/remote/watch_report.h"

#include <utility>

#include "app/terminal/printable.h"

namespace steno::app {

WatchReport::WatchReport(std::string job_id, StandardOutput& output, std::FILE* messages,
                         Wanted wanted, std::stop_source stop)
    : job_id_(std::move(job_id)),
      output_(output),
      messages_(messages),
      wanted_(wanted),
      stop_(std::move(stop)),
      bar_(messages, wanted == Wanted::all) {}

void WatchReport::progress(const client::JobProgress& progress) {
  const std::string stage = !progress.stage.empty() ? progress.stage : progress.status;
  const bool is_new_stage = !stage.empty() && stage != stage_;
  if (is_new_stage) stage_ = stage;
  if (bar_.visible()) {
    BarState state;
    state.name = job_id_ + " " + stage_;
    state.done = progress.percent;
    state.length = 100;
    state.unit = ProgressUnit::percent;
    bar_.show(state);
    return;
  }
  const int tenth = static_cast<int>(progress.percent / 10);
  if (is_new_stage || tenth > said_tenth_) say(tenth);
}

void WatchReport::say(int tenth) {
  said_tenth_ = tenth;
  if (wanted_ == Wanted::text) return;
  const std::string line = job_id_ + ": " + stage_ + ", " + std::to_string(tenth * 10) + " %";
  std::fprintf(messages_, "%s\n", printable(line).c_str());
  std::fflush(messages_);
}

void WatchReport::segment(const Segment& segment) {
  bar_.clear();
  output_.write(writer_.segment(segment));
  if (output_.state() != OutputState::open) stop_.request_stop();
}

}  // namespace steno::app
