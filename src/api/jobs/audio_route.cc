#include <algorithm>
#include <any>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/access/audio_links.h"
#include "api/core/answers.h"
#include "api/core/errors.h"
#include "api/core/query_reader.h"
#include "api/jobs/job_routes.h"
#include "api/jobs/result_reader.h"

namespace steno::api {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kAudioTypes = {
    {{".aac", "audio/aac"},
     {".flac", "audio/flac"},
     {".m4a", "audio/mp4"},
     {".mka", "audio/x-matroska"},
     {".mkv", "video/x-matroska"},
     {".mov", "video/quicktime"},
     {".mp3", "audio/mpeg"},
     {".mp4", "video/mp4"},
     {".ogg", "audio/ogg"},
     {".opus", "audio/ogg"},
     {".wav", "audio/wav"},
     {".webm", "video/webm"}}};

/// By the name that the client gave; never a type that a browser would run.
std::string_view audio_type(const std::string& name) {
  auto extension = std::filesystem::path(name).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  for (const auto& [ending, type] : kAudioTypes) {
    if (ending == extension) return type;
  }
  return "application/octet-stream";
}

/// The caller's job; with a signed link to it, the job of any owner.
Job find_job(Service& service, http::Request& request) {
  const auto& id = request.parameter("job_id");
  if (std::any_cast<LinkHolder>(&request.context()) == nullptr) {
    return find_own_job(service, caller_of(request), id);
  }
  return value_of(service.services.jobs.find_of_any_owner(id));
}

http::Response audio_answer(Service& service, http::Request& request) {
  const auto job = find_job(service, request);
  if (job.source.blob.empty() && !is_final(job.state)) {
    throw conflict("not_ready", "The recording has not been fetched yet");
  }
  auto audio = open_body(service.services.jobs, job.source.blob);
  if (!audio)
    throw api::gone("recording", value_of(service.services.jobs.why_no_recording(job.id)));
  const auto name = job.source.name.empty() ? job.id : job.source.name;
  return http::Response::of(audio_type(name), std::move(audio))
      .with("Cache-Control", "private, no-cache")
      .with("X-Content-Type-Options", "nosniff")
      .with("ETag", etag_of(job.source.blob))
      .with("Content-Disposition", http::content_disposition(http::Disposition::inline_view, name));
}

http::Task<void> send_audio(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader reader(request.query());
  reader.text("expires");
  reader.text("signature");
  reader.finish();
  auto build = [&] { return audio_answer(service, request); };
  auto response = co_await http::offload(service.pool, build);
  co_await responder.send(std::move(response));
}

Operation audio_operation() {
  using In = Parameter::In;
  const nlohmann::json part = {
      {"type", "string"}, {"minLength", 1}, {"maxLength", 256}, {"pattern", R"(^[^\u0000]+$)"}};
  const std::vector<Content> contents = {
      {.media_type = "application/octet-stream", .schema = {{"type", "string"}}}};
  return {.id = "get_audio",
          .group = "Jobs",
          .summary = "The recording of a job",
          .description =
              "Needs a key, or the signed link in the job's `audio.url`. An expired link gives 403 "
              "`link_expired`. Supports range requests. 410 if the recording is gone: "
              "`gone` after its retention, `not_fetched` if it was never fetched from its URL, "
              "`lost` if the storage has lost it.",
          .scope = "read",
          .parameters = {job_id_parameter(),
                         {"expires", In::query, "Part of a signed link", part},
                         {"signature", In::query, "Part of a signed link", part}},
          .answers = {{200, "The recording", contents},
                      {206, "The requested range", contents},
                      {304, "Not changed since the given `ETag`"}},
          .problems = {404, 409, 410, 416, 422, 507}};
}

}  // namespace

void add_audio_route(Routes& routes, Service& service) {
  routes.add("GET", kAudioPattern, handle_with(service, send_audio), audio_operation());
}

}  // namespace steno::api
