#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "models/models.h"

namespace steno::app {

/// "small: 120 of 486 MB, 11.3 MB/s, 0:32 left". `speed` is in bytes a second, 0 if unknown.
std::string pull_line(const std::string& name, const models::PullProgress& progress, double speed);

/// Reports the progress of a pull on a stream: as one line that is redrawn on a terminal, otherwise
/// as one line per file. Retries are always reported.
class PullReport {
 public:
  PullReport(std::string name, std::FILE* stream, bool is_quiet);
  ~PullReport();
  PullReport(const PullReport&) = delete;
  PullReport& operator=(const PullReport&) = delete;

  void show(const models::PullProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;
  void say(const std::string& line);
  void draw(const models::PullProgress& progress);
  void clear();

  std::string name_;
  std::FILE* stream_;
  bool is_quiet_;
  bool is_terminal_;
  bool is_drawn_ = false;
  std::string last_note_;
  models::PullProgress::Stage last_stage_ = models::PullProgress::Stage::asking;
  Clock::time_point drawn_;
  Clock::time_point began_;         // when the first bytes arrived
  std::uint64_t there_before_ = 0;  // bytes that were present at that time
  bool has_begun_ = false;
};

}  // namespace steno::app
