// /api/v1/uploads: resumable uploads by tus 1.0.

#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "api/core/answers.h"
#include "api/core/errors.h"
#include "api/core/routes.h"
#include "api/uploads/tus.h"
#include "api/uploads/upload_description.h"
#include "service/in_progress.h"
#include "service/upload_metadata.h"
#include "service/uploads.h"

namespace steno::api {
namespace {

using nlohmann::json;

constexpr std::string_view kChunkType = "application/offset+octet-stream";

RequestError bad_header(std::string_view name, std::string_view message) {
  const std::string detail = std::string(name) + ": " + std::string(message);
  return RequestError({service::ErrorKind::malformed,
                       "invalid_header",
                       detail,
                       {{std::string(name), std::string(message)}}});
}

std::uint64_t number_header(const http::Request& request, std::string_view name) {
  const auto text = request.header(name);
  if (!text) throw bad_header(name, "is missing");
  const auto number = parse_upload_number(*text);
  if (!number) throw bad_header(name, number.error().message);
  return *number;
}

std::optional<service::UploadChecksum> checksum_header(const http::Request& request) {
  const auto text = request.header("Upload-Checksum");
  if (!text) return std::nullopt;
  auto checksum = parse_upload_checksum(*text);
  if (!checksum) throw bad_header("Upload-Checksum", checksum.error().message);
  return *std::move(checksum);
}

std::string metadata_header(const http::Request& request) {
  std::string text(request.header("Upload-Metadata").value_or(""));
  if (text.size() > kLongestUploadMetadata) {
    throw bad_header("Upload-Metadata", "may have at most 4096 bytes");
  }
  if (const auto pairs = service::parse_upload_metadata(text); !pairs) {
    throw bad_header("Upload-Metadata", pairs.error().message);
  }
  return text;
}

/// The handlers of the protocol.
class Tus {
 public:
  explicit Tus(Service& service) : service_(service) {}

  http::Task<void> discover(http::Request& request, http::Responder& responder);
  http::Task<void> create(http::Request& request, http::Responder& responder);
  http::Task<void> show(http::Request& request, http::Responder& responder);
  http::Task<void> append(http::Request& request, http::Responder& responder);
  http::Task<void> remove(http::Request& request, http::Responder& responder);

  /// Adds the version to every answer, and refuses another one.
  void check_version(const http::Request& request, http::Responder& responder) const;

 private:
  std::uint64_t most_bytes() const { return service_.options.max_upload_bytes; }
  std::uint64_t new_length(const http::Request& request, http::Responder& responder) const;
  http::Task<service::UploadProgress> find(http::Request& request);
  service::InProgress::Entry lock(const std::string& id);
  http::Task<service::UploadProgress> receive(http::Request& request,
                                              service::UploadProgress start);
  http::Task<void> receive_pieces(http::Request& request, service::UploadAppender& appender);

  Service& service_;
  service::InProgress in_progress_;
};

void Tus::check_version(const http::Request& request, http::Responder& responder) const {
  responder.headers().set("Tus-Resumable", kTusVersion);
  if (request.method() == "OPTIONS") return;
  const auto version = request.header("Tus-Resumable");
  const bool reads = request.method() == "GET";
  if (version == kTusVersion || (!version && reads)) return;
  http::Problem problem{412, "unsupported_tus_version", "Tus-Resumable must be 1.0.0"};
  problem.headers.set("Tus-Version", kTusVersion);
  throw http::ProblemError(std::move(problem));
}

http::Task<void> Tus::discover(http::Request&, http::Responder& responder) {
  http::Response response = http::Response::empty(204);
  response.headers.set("Allow", "OPTIONS, POST");
  response.headers.set("Tus-Version", kTusVersion);
  response.headers.set("Tus-Extension", kTusExtensions);
  response.headers.set("Tus-Checksum-Algorithm", kTusChecksums);
  response.headers.set("Tus-Max-Size", std::to_string(most_bytes()));
  co_await responder.send(std::move(response));
}

std::uint64_t Tus::new_length(const http::Request& request, http::Responder& responder) const {
  if (request.headers().has("Upload-Defer-Length")) {
    throw bad_header("Upload-Defer-Length", "is not supported: send Upload-Length");
  }
  const std::uint64_t length = number_header(request, "Upload-Length");
  if (length == 0) throw bad_header("Upload-Length", "an empty recording is none");
  if (length <= most_bytes()) return length;
  responder.headers().set("Tus-Max-Size", std::to_string(most_bytes()));
  throw RequestError({service::ErrorKind::too_large, "audio_too_large",
                      "A recording may have at most " + std::to_string(most_bytes()) + " bytes"});
}

http::Task<void> Tus::create(http::Request& request, http::Responder& responder) {
  const std::uint64_t length = new_length(request, responder);
  const std::string metadata = metadata_header(request);
  const bool has_body = request.header("Content-Type") == kChunkType;
  if (!has_body && request.head().length != 0U) {
    throw http::ProblemError(
        {415, "unsupported_media_type", "A body must be of the type " + std::string(kChunkType)});
  }
  auto create = [this, &request, &metadata, length] {
    return service_.services.uploads.create(caller_of(request).owner, length, metadata,
                                            actor_of(request));
  };
  auto progress = value_of(co_await http::offload(service_.pool, create));
  const std::string place = "/api/v1/uploads/" + progress.upload.id;
  const std::string& url = service_.options.public_url;
  responder.headers().set("Location", (url.empty() ? request.prefix() : url) + place);
  if (has_body) {
    const auto entry = lock(progress.upload.id);
    progress = co_await receive(request, std::move(progress));
  }
  http::Response response = http::Response::json(201, upload_json(progress));
  add_upload_headers(response.headers, progress);
  co_await responder.send(std::move(response));
}

http::Task<service::UploadProgress> Tus::find(http::Request& request) {
  auto find = [this, &request] {
    return service_.services.uploads.find(caller_of(request).owner, request.parameter("upload_id"));
  };
  co_return value_of(co_await http::offload(service_.pool, find));
}

service::InProgress::Entry Tus::lock(const std::string& id) {
  auto entry = in_progress_.enter(id);
  if (entry) return *std::move(entry);
  throw RequestError(
      {service::ErrorKind::locked, "upload_locked", "Another request is sending this upload"});
}

http::Task<void> Tus::show(http::Request& request, http::Responder& responder) {
  const service::UploadProgress progress = co_await find(request);
  http::Response response = http::Response::json(200, upload_json(progress));
  add_upload_headers(response.headers, progress);
  response.headers.set("Upload-Length", std::to_string(progress.upload.length));
  if (!progress.upload.blob.empty() && !progress.upload.metadata.empty()) {
    response.headers.set("Upload-Metadata", progress.upload.metadata);
  }
  response.headers.set("Cache-Control", "no-store");
  co_await responder.send(std::move(response));
}

http::Task<void> Tus::append(http::Request& request, http::Responder& responder) {
  if (request.header("Content-Type") != kChunkType) {
    throw http::ProblemError(
        {415, "unsupported_media_type", "Content-Type must be " + std::string(kChunkType)});
  }
  const std::uint64_t offset = number_header(request, "Upload-Offset");
  std::optional<service::InProgress::Entry> entry(lock(request.parameter("upload_id")));
  service::UploadProgress progress = co_await find(request);
  if (progress.offset != offset) {
    responder.headers().set("Upload-Offset", std::to_string(progress.offset));
    throw RequestError(service::conflict(
        "wrong_offset", "The upload goes on at byte " + std::to_string(progress.offset)));
  }
  if (!progress.is_complete()) progress = co_await receive(request, std::move(progress));
  entry.reset();  // a client that has the answer may send the next part at once
  http::Response response = http::Response::empty(204);
  add_upload_headers(response.headers, progress);
  co_await responder.send(std::move(response));
}

http::Task<service::UploadProgress> Tus::receive(http::Request& request,
                                                 service::UploadProgress start) {
  service::UploadAppender appender(service_.services.uploads, std::move(start),
                                   checksum_header(request));
  const std::uint64_t expected = request.head().length.value_or(0);
  auto open = [&appender, expected] { return appender.open(expected); };
  value_of(co_await http::offload(service_.upload_pool, open));
  std::exception_ptr broken;
  try {
    co_await receive_pieces(request, appender);
  } catch (const http::ClientGone&) {
    broken = std::current_exception();
  } catch (const http::ProblemError&) {
    broken = std::current_exception();
  } catch (const RequestError&) {
    broken = std::current_exception();
  }
  if (broken) {
    auto interrupt = [&appender] { return appender.interrupt(); };
    value_of(co_await http::offload(service_.upload_pool, interrupt));
    std::rethrow_exception(broken);
  }
  auto finish = [&appender] { return appender.finish(); };
  value_of(co_await http::offload(service_.upload_pool, finish));
  if (appender.progress().is_complete()) {
    service_.log.info("upload complete", {{"upload_id", appender.progress().upload.id}});
  }
  co_return appender.progress();
}

http::Task<void> Tus::receive_pieces(http::Request& request, service::UploadAppender& appender) {
  for (;;) {
    const std::string_view piece = co_await request.read_some();
    if (piece.empty()) break;
    value_of(appender.add(piece));
    if (!appender.is_full()) continue;
    auto flush = [&appender] { return appender.flush(); };
    value_of(co_await http::offload(service_.upload_pool, flush));
  }
}

http::Task<void> Tus::remove(http::Request& request, http::Responder& responder) {
  const auto entry = lock(request.parameter("upload_id"));
  const auto progress = co_await find(request);
  auto remove = [this, &request, &progress] {
    return service_.services.uploads.remove(progress.upload, actor_of(request));
  };
  value_of(co_await http::offload(service_.pool, remove));
  co_await responder.send(http::Response::empty(204));
}

}  // namespace

void add_upload_routes(Routes& routes, Service& service) {
  define_upload_schemas(routes);
  const auto tus = std::make_shared<Tus>(service);
  const auto handled_by = [&tus](http::Task<void> (Tus::*step)(http::Request&, http::Responder&)) {
    return [tus, step](http::Request& request, http::Responder& responder) {
      tus->check_version(request, responder);
      return (*tus.*step)(request, responder);
    };
  };
  constexpr const char* kAll = "/api/v1/uploads";
  constexpr const char* kOne = "/api/v1/uploads/{upload_id}";
  const std::uint64_t most = service.options.max_upload_bytes;
  routes.add("OPTIONS", kAll, handled_by(&Tus::discover), describe_upload_discovery());
  routes.add("POST", kAll, handled_by(&Tus::create), describe_upload_creation(most), most);
  routes.add("GET", kOne, handled_by(&Tus::show), describe_upload_state());
  routes.add("PATCH", kOne, handled_by(&Tus::append), describe_upload_chunk(), most);
  routes.add("DELETE", kOne, handled_by(&Tus::remove), describe_upload_removal());
}

}  // namespace steno::api
