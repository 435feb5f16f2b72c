#pragma once

#include <stop_token>

#include "app/terminal/standard_output.h"
#include "app/transcribe/file_runner.h"
#include "app/transcribe/report.h"
#include "app/transcribe/transcribe_settings.h"

namespace steno::app {

/// How a command ended.
struct Outcome {
  int status = 0;            ///< the process's exit status
  bool threads_run = false;  ///< threads could not be ended: leave without destroying anything
};

/// Makes the settings' output folder, if they name one and it is not there.
Result<void> make_output_folder(const TranscribeSettings& settings);

/// Runs `job` on each of the settings' inputs, `at_once` side by side, and lets `report` tell of
/// it. Ends within 0.8 s once `stop` is requested.
Outcome run_files(const TranscribeSettings& settings, FileJob job, size_t at_once, Report& report,
                  const StandardOutput& output, const std::stop_source& stop);

}  // namespace steno::app
