#pragma once

#include <stop_token>

#include "app/terminal/standard_output.h"
#include "app/transcribe/file_runner.h"
#include "app/transcribe/report.h"
#include "app/transcribe/transcribe_settings.h"

namespace steno::app {

/// The result of a command.
struct CommandResult {
  int status = 0;            ///< the process's exit status
  bool threads_run = false;  ///< threads are still running: exit without destroying anything
};

/// Creates the output folder if the settings name one and it does not exist.
Result<void> make_output_folder(const TranscribeSettings& settings);

/// Runs `job` on each input, at most `at_once` at the same time, and reports to `report`. Ends
/// within 0.8 s after `stop` is requested.
CommandResult run_files(const TranscribeSettings& settings, FileJob job, size_t at_once,
                        Report& report, const StandardOutput& output, const std::stop_source& stop);

}  // namespace steno::app
