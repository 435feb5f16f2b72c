#include "app/transcribe/run_files.h"

#include <chrono>
#include <filesystem>
#include <utility>

#include "app/exit_status.h"

namespace steno::app {
namespace {

// The longest time for running files to end after an interruption.
constexpr std::chrono::milliseconds kGrace{600};

int status_of(const Report& report, const StandardOutput& output, bool stopped) {
  if (stopped && output.state() == OutputState::open) return kInterrupted;
  return report.any_failed() ? kSomeFailed : kDone;
}

}  // namespace

Result<void> make_output_folder(const TranscribeSettings& settings) {
  if (settings.output_dir.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(settings.output_dir, error);
  if (!error) return {};
  return fail(Errc::io, settings.output_dir + ": cannot be made: " + error.message());
}

CommandResult run_files(const TranscribeSettings& settings, FileJob job, size_t at_once,
                        Report& report, const StandardOutput& output,
                        const std::stop_source& stop) {
  FileRunner runner(std::move(job), at_once);
  const bool all_ended = runner.run(settings.inputs.size(), report, stop.get_token(), kGrace);
  const bool stopped = stop.stop_requested();
  if (stopped && output.state() == OutputState::open) report.conclude_interrupted();
  return {status_of(report, output, stopped), !all_ended};
}

}  // namespace steno::app
