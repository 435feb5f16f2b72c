#pragma once

#include <string>
#include <vector>

#include "app/remote/server_choice.h"
#include "options/options.h"
#include "transcript/writers.h"

namespace steno::app {

/// The parsed command line of `steno jobs`.
struct JobsSettings {
  enum class Action { list, show, result, cancel, retry, rerun, purge, watch };
  enum class Output { text, json };
  Action action = Action::list;
  ServerChoice server;
  std::vector<std::string> ids;
  std::string status;            ///< list: only jobs in this state; empty: all
  int limit = 50;                ///< list: most jobs to show
  Output output = Output::text;  ///< for list and show
  Format format = Format::txt;   ///< for result
  std::string file;              ///< destination of result; empty: standard output
  bool quiet = false;
  TranscribeOptions options;       ///< for rerun
  std::vector<std::string> given;  ///< rerun: long names of the options that were given
};

/// Adds the sub-commands of `steno jobs` to `command`. They fill `settings` during parsing.
/// `settings` must outlive `command`.
void add_jobs_command(CLI::App& command, JobsSettings& settings);

}  // namespace steno::app
