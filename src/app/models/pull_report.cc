#include "app/models/pull_report.h"

#include <unistd.h>

#include <cmath>

namespace steno::app {
namespace {

using Stage = models::PullProgress::Stage;

std::string in_megabytes(std::uint64_t bytes) {
  return std::to_string(static_cast<std::uint64_t>(std::llround(bytes / 1e6)));
}

}  // namespace

std::string pull_line(const std::string& name, const models::PullProgress& progress, double speed) {
  switch (progress.stage) {
    case Stage::asking:
      return name + ": asking for " + progress.note;
    case Stage::waiting:
      return name + ": waiting for " + progress.note;
    case Stage::retrying:
      return name + ": trying again: " + progress.note;
    case Stage::preparing:
      return name + ": checking it and storing its weights as int8 for CPU use";
    case Stage::downloading:
      break;
  }
  std::string line =
      name + ": " + in_megabytes(progress.done) + " of " + in_megabytes(progress.total) + " MB";
  if (speed <= 0) return line;
  const auto left = static_cast<long>((progress.total - progress.done) / speed);
  char text[64];
  std::snprintf(text, sizeof(text), ", %.1f MB/s, %ld:%02ld left", speed / 1e6, left / 60,
                left % 60);
  return line + text;
}

PullReport::PullReport(std::string name, std::FILE* stream, bool is_quiet)
    : name_(std::move(name)),
      stream_(stream),
      is_quiet_(is_quiet),
      is_terminal_(isatty(fileno(stream)) == 1) {}

PullReport::~PullReport() { clear(); }

void PullReport::show(const models::PullProgress& progress) {
  if (progress.stage == Stage::retrying) {
    say(pull_line(name_, progress, 0));
  } else if (!is_quiet_ && is_terminal_) {
    draw(progress);
  } else if (!is_quiet_ && (progress.stage != last_stage_ || progress.note != last_note_)) {
    const bool is_file = progress.stage == Stage::downloading;
    say(is_file ? name_ + ": downloading " + progress.note : pull_line(name_, progress, 0));
  }
  last_stage_ = progress.stage;
  last_note_ = progress.note;
}

void PullReport::say(const std::string& line) {
  clear();
  std::fprintf(stream_, "%s\n", line.c_str());
  std::fflush(stream_);
}

void PullReport::draw(const models::PullProgress& progress) {
  constexpr std::chrono::milliseconds kBetween{100};
  const auto now = Clock::now();
  const bool downloads = progress.stage == Stage::downloading;
  if (downloads && !has_begun_) {
    has_begun_ = true;
    began_ = now;
    there_before_ = progress.done;
  }
  if (is_drawn_ && progress.stage == last_stage_ && now - drawn_ < kBetween) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const bool is_known = downloads && seconds > 1;
  const double speed = is_known ? static_cast<double>(progress.done - there_before_) / seconds : 0;
  std::fprintf(stream_, "\r\033[K%s", pull_line(name_, progress, speed).c_str());
  std::fflush(stream_);
  is_drawn_ = true;
  drawn_ = now;
}

void PullReport::clear() {
  if (!is_drawn_) return;
  std::fputs("\r\033[K", stream_);
  std::fflush(stream_);
  is_drawn_ = false;
}

}  // namespace steno::app
