#include "app/remote/jobs_settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "app/transcribe/transcribe_settings.h"

namespace steno::app {
namespace {

using Action = JobsSettings::Action;

constexpr int kMostJobs = 1'000'000;
constexpr std::array kStates = {"pending", "processing", "completed", "failed", "cancelled"};

CLI::App* add_action(CLI::App& command, JobsSettings& settings, Action action, const char* name,
                     const char* description) {
  CLI::App* const sub = command.add_subcommand(name, description);
  sub->parse_complete_callback([&settings, action] { settings.action = action; });
  add_server_options(*sub, settings.server,
                     "The service. Default: STENO_URL, else http://127.0.0.1:8080");
  return sub;
}

CLI::App* add_action_on_jobs(CLI::App& command, JobsSettings& settings, Action action,
                             const char* name, const char* description) {
  CLI::App* const sub = add_action(command, settings, action, name, description);
  sub->add_option("ID", settings.ids, "Ids of jobs, as steno jobs list shows them")->required();
  sub->add_flag("-q,--quiet", settings.quiet, "Print only errors");
  return sub;
}

CLI::App* add_action_on_job(CLI::App& command, JobsSettings& settings, Action action,
                            const char* name, const char* description) {
  CLI::App* const sub = add_action(command, settings, action, name, description);
  sub->add_option("ID", settings.ids, "Id of a job, as steno jobs list shows it")
      ->required()
      ->expected(1);
  return sub;
}

void add_output(CLI::App& command, JobsSettings& settings, const char* help) {
  const auto take = [&settings](const std::string& word) {
    if (word != "text" && word != "json") {
      throw CLI::ValidationError("--format must be text or json, not \"" + word + "\"");
    }
    settings.output = word == "json" ? JobsSettings::Output::json : JobsSettings::Output::text;
  };
  command.add_option_function<std::string>("-f,--format", take, help)
      ->type_name("FORMAT")
      ->take_last();
}

void add_list(CLI::App& command, JobsSettings& settings) {
  CLI::App* const list = add_action(command, settings, Action::list, "list",
                                    "Print your jobs, newest first (the default)");
  const auto take_status = [&settings](const std::string& word) {
    if (std::ranges::find(kStates, word) == kStates.end()) {
      throw CLI::ValidationError(
          "--status must be pending, processing, completed, failed or cancelled, not \"" + word +
          "\"");
    }
    settings.status = word;
  };
  list->add_option_function<std::string>(
          "--status", take_status,
          "Only jobs in this state: pending, processing, completed, failed or cancelled")
      ->type_name("STATUS")
      ->take_last();
  list->add_option("--limit", settings.limit, "Most jobs to print. Default: 50")
      ->type_name("N")
      ->check(CLI::Range(1, kMostJobs).description(""))
      ->take_last();
  add_output(*list, settings, "text, or json: an array of the service's objects. Default: text");
}

void add_result(CLI::App& command, JobsSettings& settings) {
  CLI::App* const result = add_action_on_job(command, settings, Action::result, "result",
                                             "Print the transcript of a completed job");
  const auto take_format = [&settings](const std::string& word) {
    const auto format = parse_format(word);
    if (!format) throw CLI::ValidationError(format.error().message);
    settings.format = *format;
  };
  result
      ->add_option_function<std::string>("-f,--format", take_format,
                                         "txt, json, srt, vtt, tsv or verbose_json. Default: txt")
      ->type_name("FORMAT")
      ->take_last();
  result
      ->add_option("-o,--output", settings.file,
                   "Write to this file, completely or not at all, instead of standard output")
      ->type_name("FILE")
      ->take_last();
}

void add_rerun(CLI::App& command, JobsSettings& settings) {
  CLI::App* const rerun = add_action_on_job(command, settings, Action::rerun, "rerun",
                                            "Make another transcript of an ended job without "
                                            "transcribing again, and print the new job's id");
  add_options_after_recognition(*rerun, settings.options);
  rerun->parse_complete_callback([rerun, &settings] {
    settings.action = Action::rerun;
    settings.given = given_options(*rerun);
  });
}

}  // namespace

void add_jobs_command(CLI::App& command, JobsSettings& settings) {
  command.require_subcommand(0, 1);
  add_list(command, settings);
  CLI::App* const show =
      add_action_on_job(command, settings, Action::show, "show", "Print all fields of a job");
  add_output(*show, settings, "text, or json: the service's object. Default: text");
  add_result(command, settings);
  add_action_on_jobs(command, settings, Action::cancel, "cancel",
                     "Cancel jobs that have not ended");
  add_action_on_jobs(command, settings, Action::retry, "retry", "Retry failed jobs");
  add_rerun(command, settings);
  add_action_on_jobs(command, settings, Action::purge, "purge",
                     "Delete jobs that have ended, with their audio and results");
  CLI::App* const watch = add_action_on_job(
      command, settings, Action::watch, "watch",
      "Print a job's segments as they are transcribed, until it ends; status 0 if it is completed");
  watch->add_flag("-q,--quiet", settings.quiet, "Print no progress");
}

}  // namespace steno::app
