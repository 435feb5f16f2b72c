#include "app/remote/remote_transcribe.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "app/exit_status.h"
#include "app/remote/server_fields.h"
#include "client/client.h"
#include "transcript/json.h"

namespace steno::app {
namespace {

// A service with one worker runs this many jobs at once.
constexpr size_t kFilesAtOnce = 16;

// Passes events of the service to the runner.
class EventForwarder : public client::JobWatcher {
 public:
  explicit EventForwarder(const JobEvents& events) : events_(events) {}
  void segment(const Segment& segment) override { events_.segment(segment); }
  void progress(const client::JobProgress& progress) override {
    events_.progress({progress.percent, 100, ProgressUnit::percent});
  }

 private:
  const JobEvents& events_;
};

/// State shared by all jobs of one call. It outlives a call that abandons them.
struct Order {
  client::Server server;
  client::Fields fields;
};

/// One input as a job of the service.
class RemoteFile {
 public:
  RemoteFile(const Order& order, std::string path, std::stop_token stop)
      : order_(order), path_(std::move(path)), stop_(std::move(stop)), client_(order.server) {}

  Result<Transcript> transcribe(const JobEvents& events) {
    auto id = client_.submit(path_, order_.fields, stop_);
    if (!id) return tl::unexpected(std::move(id.error()));
    id_ = *std::move(id);
    EventForwarder forwarder(events);
    const auto end = client_.watch(id_, forwarder, stop_);
    if (stop_.stop_requested()) return cancelled();
    if (!end) return still_runs(end.error());
    if (end->status != "completed") return failed(*end);
    const auto json = client_.result(id_, {{"format", "json"}}, stop_);
    if (!json) return fail(json.error().code, "job " + id_ + ": " + json.error().message);
    return parse_transcript(*json);
  }

 private:
  tl::unexpected<Error> cancelled() {
    // Errors are ignored: the job may have ended already, and an unreachable service cannot be
    // reported any more.
    static_cast<void>(client_.cancel(id_, {}));
    return fail(Errc::cancelled, "interrupted");
  }

  tl::unexpected<Error> still_runs(const Error& error) const {
    const std::string hint = "; job " + id_ + " may still run: steno jobs watch " + id_;
    return fail(error.code, error.message + hint);
  }

  // The service knows only the file's name. The report adds the path.
  tl::unexpected<Error> failed(const client::JobEnd& end) const {
    if (end.status == "cancelled") {
      return fail(Errc::conflict, "job " + id_ + " was cancelled at the service");
    }
    const std::string name = std::filesystem::path(path_).filename().string() + ": ";
    return fail(Errc::bad_audio,
                end.error.starts_with(name) ? end.error.substr(name.size()) : end.error);
  }

  const Order& order_;
  const std::string path_;
  const std::stop_token stop_;
  client::Client client_;
  std::string id_;
};

}  // namespace

CommandResult transcribe_remotely(const TranscribeSettings& settings,
                                  const ServiceEnvironment& environment,
                                  const std::stop_source& stop) {
  StandardOutput output;
  Report report(settings, output, stderr, stop);
  auto server = server_of(settings.server, environment);
  if (!server) {
    report.say(server.error().message);
    return {kWrongUsage};
  }
  if (const auto made = make_output_folder(settings); !made) {
    report.say(made.error().message);
    return {kSomeFailed};
  }
  if (settings.verbose) report.say("service at " + server->url);
  const auto order =
      std::make_shared<const Order>(Order{*std::move(server), submission_fields(settings)});
  const auto inputs = std::make_shared<const std::vector<std::string>>(settings.inputs);
  const auto job = [order, inputs](size_t input, const JobEvents& events, std::stop_token token) {
    return RemoteFile(*order, (*inputs)[input], std::move(token)).transcribe(events);
  };
  return run_files(settings, job, kFilesAtOnce, report, output, stop);
}

}  // namespace steno::app
