#pragma once

#include <span>
#include <string>

#include "app/config/config_command.h"
#include "app/models/models_command.h"
#include "app/remote/jobs_settings.h"
#include "app/service/keys_command.h"
#include "app/service/maintenance_command.h"
#include "app/service/worker_command.h"
#include "app/transcribe/transcribe_settings.h"

namespace steno::app {

/// The parsed command line of the process.
struct CommandLine {
  enum class Command {
    transcribe,
    diarize,
    models,
    jobs,
    config,
    serve,
    worker,
    keys,
    maintenance,
    none
  };
  Command command = Command::none;
  TranscribeSettings transcribe;
  TranscribeSettings diarize;
  ModelsSettings models;
  JobsSettings jobs;
  ConfigSettings config;
  ConfigFlags serve;
  WorkerCommandSettings worker;
  KeysSettings keys;
  MaintenanceSettings maintenance;
  /// For `none`: the exit status and a text. The text goes to standard output if the status is 0.
  int status = 0;
  std::string text;
};

/// Parses the arguments after the program's name. A usage error gives `none` with status 2, and one
/// or two lines that name the option, its range, and the probable intention.
CommandLine read_command_line(std::span<const char* const> arguments);

}  // namespace steno::app
