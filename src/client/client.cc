#include "client/client.h"

#include <algorithm>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/url.h"
#include "client/calls.h"
#include "client/upload_file.h"
#include "client/watch.h"
#include "client/wire.h"

namespace steno::client {
namespace {

constexpr std::chrono::seconds kAnswerTime{30};
constexpr std::chrono::milliseconds kAnswerGrace{300};

std::string job_path(const std::string& id, const char* below = "") {
  return "/api/v1/jobs/" + escaped(id) + below;
}

std::string with_query(const std::string& path, const Fields& fields) {
  return fields.empty() ? path : path + "?" + query_text(fields);
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

  Result<std::string> read(std::string path, std::chrono::seconds stall,
                           const std::stop_token& stop) {
    Request request;
    request.path = std::move(path);
    request.stall = stall;
    auto answer = call(request, Again::safe, stop);
    if (!answer) return tl::unexpected(std::move(answer.error()));
    return std::move(answer->body);
  }

  Result<void> change(const char* method, std::string path, const std::stop_token& stop) {
    Request request;
    request.method = method;
    request.path = std::move(path);
    request.stall = kAnswerTime;
    const auto answer = call(request, Again::never, stop);
    if (!answer) return tl::unexpected(answer.error());
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
  Request request;
  request.method = "POST";
  request.path = "/api/v1/transcribe";
  request.headers = {{"Idempotency-Key", new_id("submission_", SystemClock().now())}};
  request.form = &fields;
  request.file = &*file;
  // What stands at the other end of a pipe may be slow.
  if (!file->size()) request.stall = std::chrono::seconds(0);
  request.answer_grace = kAnswerGrace;
  const auto answer = calls_->call(request, Again::safe, stop);
  if (!answer) return tl::unexpected(answer.error());
  return parse_submitted(answer->body);
}

Result<JobInfo> Client::job(const std::string& id, std::chrono::seconds wait,
                            std::stop_token stop) {
  const Fields query = wait.count() > 0 ? Fields{{"wait", std::to_string(wait.count())}} : Fields();
  const auto text = calls_->read(with_query(job_path(id), query), kAnswerTime + wait, stop);
  if (!text) return tl::unexpected(text.error());
  return parse_job(*text);
}

Result<JobPage> Client::list(const Fields& filters, std::stop_token stop) {
  const auto text = calls_->read(with_query("/api/v1/jobs", filters), kAnswerTime, stop);
  if (!text) return tl::unexpected(text.error());
  return parse_page(*text);
}

Result<std::string> Client::result(const std::string& id, const Fields& query,
                                   std::stop_token stop) {
  return calls_->read(with_query(job_path(id, "/result"), query), kAnswerTime, stop);
}

Result<void> Client::cancel(const std::string& id, std::stop_token stop) {
  return calls_->change("DELETE", job_path(id), stop);
}

Result<void> Client::purge(const std::string& id, std::stop_token stop) {
  return calls_->change("DELETE", with_query(job_path(id), {{"purge", "true"}}), stop);
}

Result<std::string> Client::rerun(const std::string& id, const Fields& fields,
                                  std::stop_token stop) {
  Request request;
  request.method = "POST";
  request.path = job_path(id, "/rerun");
  request.headers = {{"Idempotency-Key", new_id("rerun_", SystemClock().now())}};
  if (!fields.empty()) request.form = &fields;
  request.stall = kAnswerTime;
  request.answer_grace = kAnswerGrace;
  const auto answer = calls_->call(request, Again::safe, stop);
  if (!answer) return tl::unexpected(answer.error());
  return parse_submitted(answer->body);
}

Result<void> Client::retry(const std::string& id, std::stop_token stop) {
  return calls_->change("POST", job_path(id, "/retry"), stop);
}

Result<JobEnd> Client::watch(const std::string& id, JobWatcher& watcher, std::stop_token stop) {
  return JobWatch(*calls_, id, watcher).run(stop);
}

}  // namespace steno::client
