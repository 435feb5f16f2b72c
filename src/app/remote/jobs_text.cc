#include "app/remote/jobs_text.h"

#include <algorithm>
#include <cmath>

#include "app/terminal/columns.h"
#include "app/terminal/printable.h"

namespace steno::app {
namespace {

using client::JobInfo;
using Rows = std::vector<std::vector<std::string>>;

std::string percent(double progress) { return std::to_string(std::lround(progress)) + " %"; }

// Converts "2026-11-25T18:03:07.123Z" to "2026-11-25 18:03:07 UTC".
std::string time_text(const std::string& iso8601) {
  constexpr size_t kSeconds = 19;
  if (iso8601.size() < kSeconds || !iso8601.ends_with('Z')) return iso8601;
  std::string text = iso8601.substr(0, kSeconds);
  std::ranges::replace(text, 'T', ' ');
  return text + " UTC";
}

std::string seconds_text(double seconds) { return std::to_string(std::lround(seconds)) + " s"; }

std::string status_text(const JobInfo& job) {
  const bool is_running = job.status == "processing";
  if (!is_running) return job.status;
  return job.status + (job.stage.empty() ? "" : " (" + job.stage + ")") + ", " +
         percent(job.progress);
}

std::string error_text(const JobInfo& job) {
  return job.error + (job.error_code.empty() ? "" : " (" + job.error_code + ")");
}

std::vector<std::string> row_of(const JobInfo& job) {
  const std::string name = job.audio_name.empty() ? job.recording_id : job.audio_name;
  const std::string separator = name.empty() || job.error.empty() ? "" : ": ";
  return {printable(job.id), printable(job.status), percent(job.progress),
          printable(time_text(job.created_at)), printable(name + separator + job.error)};
}

}  // namespace

std::string jobs_as_text(const std::vector<JobInfo>& jobs) {
  if (jobs.empty()) return "";
  Rows rows = {{"ID", "STATUS", "DONE", "SUBMITTED", "RECORDING"}};
  for (const JobInfo& job : jobs) rows.push_back(row_of(job));
  return as_columns(rows);
}

std::string jobs_as_json(const std::vector<JobInfo>& jobs) {
  std::string text = "[";
  for (const JobInfo& job : jobs) text += (text.size() > 1 ? ",\n " : "\n ") + job.json;
  return text + (jobs.empty() ? "]\n" : "\n]\n");
}

std::string job_as_text(const JobInfo& job) {
  Rows rows;
  const auto add = [&rows](const char* name, const std::string& text) {
    if (!text.empty()) rows.push_back({name, printable(text)});
  };
  add("id", job.id);
  add("status", status_text(job));
  add("error", error_text(job));
  if (job.queue_position) add("place in queue", std::to_string(*job.queue_position));
  if (job.seconds_left) add("time left", "about " + seconds_text(*job.seconds_left));
  add("recording", job.audio_name);
  if (job.audio_seconds) add("length", seconds_text(*job.audio_seconds));
  add("recording id", job.recording_id);
  add("batch", job.batch_id);
  add("model", job.model);
  add("priority", std::to_string(job.priority));
  add("attempt", std::to_string(job.attempt) + " of " + std::to_string(job.max_attempts));
  add("submitted", time_text(job.created_at));
  add("started", time_text(job.started_at));
  add("ended", time_text(job.finished_at));
  for (const std::string& warning : job.warnings) add("warning", warning);
  return as_columns(rows);
}

}  // namespace steno::app
