#include "app/remote/jobs_command.h"

#include <algorithm>

#include "app/exit_status.h"
#include "app/remote/jobs_text.h"
#include "app/remote/server_fields.h"
#include "app/remote/watch_report.h"
#include "app/terminal/printable.h"
#include "base/atomic_file.h"

namespace steno::app {
namespace {

using client::Client;
using client::JobInfo;
using Action = JobsSettings::Action;

constexpr int kMostOfPage = 200;

class JobsRunner {
 public:
  JobsRunner(const JobsSettings& settings, client::Server server, StandardOutput& output,
             std::FILE* messages, std::stop_source stop)
      : settings_(settings),
        client_(std::move(server)),
        output_(output),
        messages_(messages),
        stop_(std::move(stop)) {}

  int run() {
    switch (settings_.action) {
      case Action::list:
        return status_of(list());
      case Action::show:
        return status_of(show());
      case Action::result:
        return status_of(result());
      case Action::watch:
        return watch();
      case Action::cancel:
        return for_each(&Client::cancel, "cancelled");
      case Action::retry:
        return for_each(&Client::retry, "sent again");
      case Action::rerun:
        return status_of(rerun());
      case Action::purge:
        return for_each(&Client::purge, "deleted");
    }
    return kDone;
  }

 private:
  using Change = Result<void> (Client::*)(const std::string&, std::stop_token);

  Result<void> list() {
    std::vector<JobInfo> jobs;
    std::string cursor;
    do {
      auto page = client_.list(filters(jobs.size(), cursor), stop_.get_token());
      if (!page) return tl::unexpected(page.error());
      std::ranges::move(page->jobs, std::back_inserter(jobs));
      cursor = page->next_cursor;
    } while (!cursor.empty() && jobs.size() < static_cast<size_t>(settings_.limit));
    const bool is_json = settings_.output == JobsSettings::Output::json;
    output_.write(is_json ? jobs_as_json(jobs) : jobs_as_text(jobs));
    if (jobs.empty() && !is_json) say("no jobs");
    return {};
  }

  client::Fields filters(size_t have, const std::string& cursor) const {
    const int left = settings_.limit - static_cast<int>(have);
    client::Fields fields = {{"limit", std::to_string(std::min(left, kMostOfPage))}};
    if (!settings_.status.empty()) fields.emplace_back("status", settings_.status);
    if (!cursor.empty()) fields.emplace_back("cursor", cursor);
    return fields;
  }

  Result<void> show() {
    const auto job = client_.job(settings_.ids.front(), {}, stop_.get_token());
    if (!job) return tl::unexpected(job.error());
    const bool is_json = settings_.output == JobsSettings::Output::json;
    output_.write(is_json ? job->json + "\n" : job_as_text(*job));
    return {};
  }

  Result<void> result() {
    const client::Fields query = {{"format", std::string(name_of(settings_.format))}};
    const auto text = client_.result(settings_.ids.front(), query, stop_.get_token());
    if (!text) return tl::unexpected(text.error());
    if (!settings_.file.empty()) return write_file_atomically(settings_.file, *text);
    output_.write(*text);
    return {};
  }

  Result<void> rerun() {
    const auto fields = rerun_fields(settings_.options, settings_.given);
    const auto id = client_.rerun(settings_.ids.front(), fields, stop_.get_token());
    if (!id) return tl::unexpected(id.error());
    output_.write(*id + "\n");
    return {};
  }

  int watch() {
    const std::string& id = settings_.ids.front();
    const auto wanted = settings_.quiet ? WatchReport::Wanted::text : WatchReport::Wanted::all;
    WatchReport report(id, output_, messages_, wanted, stop_);
    const auto end = client_.watch(id, report, stop_.get_token());
    report.clear();
    if (!end) return status_of(tl::unexpected(end.error()));
    if (end->status != "completed") {
      complain(id + ": " + end->status + (end->error.empty() ? "" : ": " + end->error));
      return kSomeFailed;
    }
    say(id + ": completed");
    return status_of({});
  }

  int for_each(Change change, const char* done) {
    bool any_failed = false;
    for (const std::string& id : settings_.ids) {
      const auto changed = (client_.*change)(id, stop_.get_token());
      if (changed) {
        say(id + ": " + done);
        continue;
      }
      if (changed.error().code == Errc::cancelled) return kInterrupted;
      complain(id + ": " + changed.error().message);
      any_failed = true;
    }
    return any_failed ? kSomeFailed : kDone;
  }

  int status_of(const Result<void>& done) {
    if (output_.state() == OutputState::failed) {
      complain(output_.failure());
      return kSomeFailed;
    }
    if (output_.state() == OutputState::reader_gone || done) return kDone;
    if (done.error().code == Errc::cancelled) return kInterrupted;
    const std::string id = settings_.ids.empty() ? "" : settings_.ids.front() + ": ";
    complain(id + done.error().message);
    return kSomeFailed;
  }

  void complain(const std::string& line) {
    std::fprintf(messages_, "steno: %s\n", printable(line).c_str());
  }
  void say(const std::string& line) {
    if (!settings_.quiet) std::fprintf(messages_, "%s\n", printable(line).c_str());
  }

  const JobsSettings& settings_;
  Client client_;
  StandardOutput& output_;
  std::FILE* messages_;
  std::stop_source stop_;
};

}  // namespace

int run_jobs_command(const JobsSettings& settings, const ServiceEnvironment& environment,
                     StandardOutput& output, std::FILE* messages, std::stop_source stop) {
  auto server = server_of(settings.server, environment);
  if (!server) {
    std::fprintf(messages, "steno: %s\n", printable(server.error().message).c_str());
    return kWrongUsage;
  }
  return JobsRunner(settings, *std::move(server), output, messages, std::move(stop)).run();
}

}  // namespace steno::app
