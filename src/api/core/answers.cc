#include "api/core/answers.h"

#include <nlohmann/json.hpp>

#include "api/core/errors.h"
#include "base/digest.h"

namespace steno::api {
namespace {

constexpr std::size_t kTagBytes = 12;

http::Response json_with(int status, const nlohmann::ordered_json& value,
                         std::string_view caching) {
  auto text = value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  auto response = http::Response::of("application/json", std::move(text));
  response.status = status;
  return std::move(response).with("Cache-Control", caching);
}

}  // namespace

http::Handler handle_with(Service& service, http::Task<void> (*function)(Service&, http::Request&,
                                                                         http::Responder&)) {
  return [&service, function](http::Request& request, http::Responder& responder) {
    return function(service, request, responder);
  };
}

http::Response json_answer(int status, const nlohmann::ordered_json& value) {
  return json_with(status, value, "private, no-cache");
}

http::Response secret_answer(int status, const nlohmann::ordered_json& value) {
  return json_with(status, value, "no-store");
}

std::string etag_of(std::string_view text) {
  return http::etag(to_hex(sha256(text).substr(0, kTagBytes)));
}

std::string base_url(const http::Request& request, const ApiOptions& options) {
  if (!options.public_url.empty()) {
    std::string_view url = options.public_url;
    while (url.ends_with('/')) url.remove_suffix(1);
    return std::string(url);
  }
  if (request.host().empty()) return request.prefix();
  return (request.secure() ? "https://" : "http://") + request.host() + request.prefix();
}

RequestError conflict(std::string_view code, std::string_view detail) {
  return RequestError(service::conflict(code, detail));
}

RequestError gone(std::string_view thing, service::Absence absence) {
  return RequestError(service::gone(thing, absence));
}

Job find_own_job(Service& service, const Caller& caller, std::string_view job_id) {
  return value_of(service.services.jobs.find(caller.owner, job_id));
}

http::Task<Job> own_job(Service& service, http::Request& request) {
  auto find = [&service, &request] {
    return find_own_job(service, caller_of(request), request.parameter("job_id"));
  };
  co_return co_await http::offload(service.pool, find);
}

}  // namespace steno::api
