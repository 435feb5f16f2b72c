#pragma once

#include <string>
#include <vector>

#include "app/remote/server_choice.h"
#include "options/options.h"
#include "transcript/writers.h"

namespace steno::app {

/// What the command line of `steno jobs` asks for.
struct JobsSettings {
  enum class Action { list, show, result, cancel, retry, rerun, purge, watch };
  enum class Output { text, json };
  Action action = Action::list;
  ServerChoice server;
  std::vector<std::string> ids;
  std::string status;            ///< list: only jobs in this state; empty: all
  int limit = 50;                ///< list: most jobs
  Output output = Output::text;  ///< of list and show
  Format format = Format::txt;   ///< of result
  std::string file;              ///< result goes there; empty: standard output
  bool quiet = false;
  TranscribeOptions options;       ///< of rerun
  std::vector<std::string> given;  ///< rerun: long names of the options on the command line
};

/// Describes the sub-commands of `steno jobs` to `command`, which fills `settings` when it parses.
/// `settings` must outlive `command`.
void add_jobs_command(CLI::App& command, JobsSettings& settings);

}  // namespace steno::app
