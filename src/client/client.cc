#include "client/client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/url.h"
#include "client/calls.h"
#include "client/upload_file.h"
#include "client/watch.h"
#include "client/wire.h"

namespace steno::client {
namespace {

constexpr std::chrono::seconds kResponseTime{30};
constexpr std::chrono::milliseconds kResponseGrace{300};

std::string job_path(const std::string& id, const char* below = "") {
  return "/api/v1/jobs/" + percent_encoded(id) + below;
}

std::string with_query(const std::string& path, const Fields& fields) {
  std::string text = path;
  char separator = '?';
  for (const auto& [name, value] : fields) {
    text += std::exchange(separator, '&') + percent_encoded(name) + "=" + percent_encoded(value);
  }
  return text;
}

std::vector<net::FormPart> form_of(const Fields& fields) {
  std::vector<net::FormPart> form;
  for (const auto& [name, value] : fields) form.push_back({.name = name, .value = value});
  return form;
}

}  // namespace

Result<std::string> checked_url(const std::string& url) {
  const auto refused = [](const std::string& why) {
    return fail(Errc::invalid_argument, "the address of the service must " + why);
  };
  if (!origin(url)) {
    return refused("be an http or https URL like http://127.0.0.1:8080, not \"" + url + "\"");
  }
  if (url.find('@') != std::string::npos) {
    return refused("have no user and no password in it; the key is for STENO_API_KEY");
  }
  if (url.find_first_of("?#") != std::string::npos) {
    return refused("have no query and no fragment");
  }
  const auto end = url.find_last_not_of('/');
  return url.substr(0, end + 1);
}

Result<void> check_key(const std::string& key) {
  const bool is_sendable = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7F; });
  if (is_sendable) return {};
  return fail(Errc::invalid_argument,
              "the API key has characters in it that no key has: spaces, line breaks or others");
}

class Client::Calls : public Caller {
 public:
  using Caller::Caller;

  Result<std::string> read(const std::string& path, std::chrono::seconds idle,
                           const std::stop_token& stop) {
    auto wanted = request("GET", path);
    wanted.times.idle = idle;
    auto response = call(std::move(wanted), Again::safe, stop);
    if (!response) return tl::unexpected(std::move(response.error()));
    return std::move(response->body);
  }

  Result<void> change(const char* method, const std::string& path, const std::stop_token& stop) {
    auto wanted = request(method, path);
    wanted.times.idle = kResponseTime;
    const auto response = call(std::move(wanted), Again::never, stop);
    if (!response) return tl::unexpected(response.error());
    return {};
  }
};

Client::Client(Server server, Patience patience)
    : calls_(std::make_unique<Calls>(std::move(server), patience)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

Result<std::string> Client::submit(const std::string& path, const Fields& fields,
                                   std::stop_token stop) {
  auto file = UploadFile::open(path);
  if (!file) return tl::unexpected(file.error());
  auto request = calls_->request("POST", "/api/v1/transcribe");
  request.headers = {{"Idempotency-Key", new_id("submission_", SystemClock().now())}};
  request.form = form_of(fields);
  request.form.push_back({.name = "file",
                          .source = &*file,
                          .file_name = file->name(),
                          .content_type = "application/octet-stream"});
  // The program that writes into a pipe may be slow.
  if (!file->size()) request.times.idle = std::chrono::seconds(0);
  request.cancel_grace = kResponseGrace;
  const auto response = calls_->call(std::move(request), Again::safe, stop);
  if (!response) return tl::unexpected(response.error());
  return parse_submitted(response->body);
}

Result<JobInfo> Client::job(const std::string& id, std::chrono::seconds wait,
                            std::stop_token stop) {
  const Fields query = wait.count() > 0 ? Fields{{"wait", std::to_string(wait.count())}} : Fields();
  const auto text = calls_->read(with_query(job_path(id), query), kResponseTime + wait, stop);
  if (!text) return tl::unexpected(text.error());
  return parse_job(*text);
}

Result<JobPage> Client::list(const Fields& filters, std::stop_token stop) {
  const auto text = calls_->read(with_query("/api/v1/jobs", filters), kResponseTime, stop);
  if (!text) return tl::unexpected(text.error());
  return parse_page(*text);
}

Result<std::string> Client::result(const std::string& id, const Fields& query,
                                   std::stop_token stop) {
  return calls_->read(with_query(job_path(id, "/result"), query), kResponseTime, stop);
}

Result<void> Client::cancel(const std::string& id, std::stop_token stop) {
  return calls_->change("DELETE", job_path(id), stop);
}

Result<void> Client::purge(const std::string& id, std::stop_token stop) {
  return calls_->change("DELETE", with_query(job_path(id), {{"purge", "true"}}), stop);
}

Result<std::string> Client::rerun(const std::string& id, const Fields& fields,
                                  std::stop_token stop) {
  auto request = calls_->request("POST", job_path(id, "/rerun"));
  request.headers = {{"Idempotency-Key", new_id("rerun_", SystemClock().now())}};
  request.form = form_of(fields);
  request.times.idle = kResponseTime;
  request.cancel_grace = kResponseGrace;
  const auto response = calls_->call(std::move(request), Again::safe, stop);
  if (!response) return tl::unexpected(response.error());
  return parse_submitted(response->body);
}

Result<void> Client::retry(const std::string& id, std::stop_token stop) {
  return calls_->change("POST", job_path(id, "/retry"), stop);
}

Result<JobEnd> Client::watch(const std::string& id, JobWatcher& watcher, std::stop_token stop) {
  return JobWatch(*calls_, id, watcher).run(stop);
}

}  // namespace steno::client
