#include "api/submit/receive.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/core/errors.h"
#include "api/core/strict_json.h"
#include "api/submit/inline_audio.h"
#include "api/submit/receive_form.h"

namespace steno::api {
namespace {

constexpr size_t kMostDocumentBytes = size_t{4} << 20;

// Converts "Audio/WAV; rate=8000" to "audio/wav".
std::string media_type(const http::Request& request) {
  std::string type(request.header("Content-Type").value_or(""));
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type;
}

bool is_audio(std::string_view type) {
  return type.starts_with("audio/") || type.starts_with("video/") || type == "application/ogg" ||
         type == "application/octet-stream";
}

service::RecordingLimit inline_limit() {
  return {kMostInlineBytes,
          {service::ErrorKind::too_large, "inline_audio_too_large",
           "base64 in JSON is for recordings of up to 64 MiB; send larger ones as "
           "multipart/form-data, as a raw body, or by /api/v1/uploads"}};
}

http::Task<void> receive_json(http::Request& request, Service& service, service::Hashing hashing,
                              Received& into) {
  InlineAudio parts;
  std::string audio;
  std::unique_ptr<Recording> recording;
  for (;;) {
    const std::string_view piece = co_await request.read_some();
    if (piece.empty()) break;
    audio.clear();
    if (auto fed = parts.feed(piece, audio); !fed) {
      throw RequestError(
          service::invalid_field("invalid_base64", "$.audio_base64", fed.error().message));
    }
    if (parts.document().size() > kMostDocumentBytes) {
      throw RequestError({service::ErrorKind::too_large, "fields_too_large",
                          "the document may have at most 4 MiB beside the recording"});
    }
    if (parts.found() && !recording) {
      recording = std::make_unique<Recording>(service, "", inline_limit(), hashing);
    }
    if (!audio.empty()) co_await recording->write(audio);
  }
  const auto document = parse_strict_json(parts.document());
  if (!document) {
    throw RequestError({service::ErrorKind::malformed, "invalid_json", document.error().message});
  }
  into.form.add(*document);
  if (!recording) co_return;
  co_await recording->finish();
  into.recordings.push_back(std::move(recording));
}

http::Task<void> receive_raw(http::Request& request, Service& service, service::Hashing hashing,
                             Received& into) {
  auto limit = recording_limit(service);
  std::uint64_t left = request.head().length.value_or(0);
  if (left > limit.most_bytes) throw RequestError(limit.too_large);
  auto recording = std::make_unique<Recording>(service, "", std::move(limit), hashing);
  for (;;) {
    const std::string_view piece = co_await request.read_some();
    if (piece.empty()) break;
    left -= std::min<std::uint64_t>(left, piece.size());
    co_await recording->write(piece, left);
  }
  co_await recording->finish();
  into.recordings.push_back(std::move(recording));
}

}  // namespace

service::RecordingLimit recording_limit(const Service& service) {
  const std::uint64_t most = service.options.max_upload_bytes;
  return {most,
          {service::ErrorKind::too_large, "audio_too_large",
           "A recording may have at most " + std::to_string(most) + " bytes"}};
}

http::Task<Received> receive(http::Request& request, Service& service, service::Hashing hashing) {
  Received received;
  for (const auto& [name, value] : request.query()) received.form.add_text(name, value);
  if (request.headers().has("Content-Encoding")) {
    throw http::ProblemError({415, "unsupported_content_encoding", "Send the body as it is"});
  }
  const std::string type = media_type(request);
  if (type == "application/json") {
    co_await receive_json(request, service, hashing, received);
  } else if (type == "multipart/form-data") {
    FormReader reader(service, hashing, received);
    co_await reader.read(request);
  } else if (is_audio(type)) {
    co_await receive_raw(request, service, hashing, received);
  } else if (!type.empty() || request.head().length != 0U) {
    throw http::ProblemError(
        {415, "unsupported_media_type",
         "Content-Type must be application/json, multipart/form-data, audio/*, "
         "video/* or application/octet-stream"});
  }
  co_return received;
}

}  // namespace steno::api
