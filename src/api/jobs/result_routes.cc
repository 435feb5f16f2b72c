#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"
#include "api/jobs/job_routes.h"
#include "api/jobs/result_reader.h"
#include "transcript/json.h"
#include "transcript/rttm.h"
#include "transcript/writers.h"

namespace steno::api {
namespace {

struct FormatRow {
  Format format;
  std::string_view name;
  std::string_view media_type;
};

constexpr std::array<FormatRow, 7> kFormats = {
    {{Format::json, "json", "application/json"},
     {Format::txt, "txt", "text/plain; charset=utf-8"},
     {Format::srt, "srt", "application/x-subrip; charset=utf-8"},
     {Format::vtt, "vtt", "text/vtt; charset=utf-8"},
     {Format::tsv, "tsv", "text/tab-separated-values; charset=utf-8"},
     {Format::rttm, "rttm", "text/plain; charset=utf-8"},
     {Format::verbose_json, "verbose_json", "application/json"}}};

constexpr const char* kChoices = "must be json, txt, srt, vtt, tsv, rttm or verbose_json";

/// A promised name that this build cannot write.
constexpr std::string_view kFormatToCome = "diarized_json";

constexpr int kMostOfSubtitles = 1000;

struct ResultRequest {
  FormatRow row;
  SubtitleOptions subtitles;
};

FormatRow format_of(QueryReader& reader) {
  const auto name = reader.text("format").value_or("json");
  if (name == kFormatToCome) {
    throw http::ProblemError({422,
                              "unsupported_format",
                              "The format " + name + " is not available in this version",
                              {{"format", kChoices}}});
  }
  const auto row = std::ranges::find(kFormats, name, &FormatRow::name);
  if (row != kFormats.end()) return *row;
  reader.complain("not_a_choice", "format", kChoices);
  return kFormats.front();
}

ResultRequest read_request(const http::Request& request) {
  QueryReader reader(request.query());
  ResultRequest wanted{format_of(reader), {}};
  auto& subtitles = wanted.subtitles;
  const auto cues = parse_cue_rule(reader.text("cues").value_or("sentences"));
  if (!cues) reader.complain("not_a_choice", "cues", "must be sentences or segments");
  subtitles.cues = cues.value_or(CueRule::sentences);
  subtitles.max_line_width = reader.integer("max_line_width", 1, kMostOfSubtitles);
  subtitles.max_line_count = reader.integer("max_line_count", 1, kMostOfSubtitles);
  subtitles.max_words_per_line = reader.integer("max_words_per_line", 1, kMostOfSubtitles);
  subtitles.highlight_words = reader.flag("highlight_words").value_or(false);
  reader.finish();
  return wanted;
}

/// 409 with the job's state, also where a program finds it: `job_status`.
http::Response not_completed(const Job& job) {
  const bool has_ended = is_final(job.state);
  std::string detail = "The job is " + std::string(to_string(job.state));
  if (job.failure && job.state == State::failed) detail += ": " + job.failure->message;
  const http::Problem problem{409, has_ended ? "no_result" : "not_ready", detail};
  auto body = nlohmann::ordered_json::parse(http::to_json(problem));
  body["job_status"] = to_string(job.state);
  body["progress"] = job.progress;
  auto response = http::Response::of("application/problem+json", body.dump());
  response.status = problem.status;
  return response;
}

/// "call" for the recording "call.wav", the job's id for one without a name.
std::string name_of_recording(const Job& job) {
  const auto stem = std::filesystem::path(job.source.name).stem().string();
  return stem.empty() ? job.id : stem;
}

std::string rttm_of(const Transcript& transcript, const Job& job) {
  if (transcript.turns.empty() && !shown_of(job).speakers) {
    throw http::ProblemError({409,
                              "no_speakers",
                              "rttm needs speakers, and the job did not request them",
                              {{"format", "needs a job with diarize"}}});
  }
  return to_rttm(transcript, name_of_recording(job));
}

RequestError no_result(Service& service, const Job& job) {
  return api::gone("result", value_of(service.services.jobs.why_no_result(job.id)));
}

http::ProblemError damaged(Service& service, const Job& job, const Error& error) {
  service.log.error("a stored result is damaged", {{"job_id", job.id}, {"error", error.message}});
  return http::ProblemError(
      {500,
       "result_damaged",
       "The stored result is damaged: rerun the job, or send the recording again",
       {}});
}

http::Response::Body result_body(Service& service, const Job& job, const ResultRequest& wanted) {
  const auto shown = shown_of(job);
  if (wanted.row.format == Format::json && shown.words && shown.extra_data) {
    auto stored = open_body(service.services.jobs, job.result);
    if (!stored) throw no_result(service, job);
    return stored;
  }
  const auto stored = value_of(service.services.jobs.read_result(job));
  if (!stored) throw no_result(service, job);
  if (wanted.row.format == Format::json) {
    const auto transcript = transcript_to_show(*stored, shown);
    if (!transcript) throw damaged(service, job, transcript.error());
    return transcript->dump(2) + "\n";
  }
  auto transcript = parse_transcript(*stored);
  if (!transcript) throw damaged(service, job, transcript.error());
  if (wanted.row.format == Format::verbose_json) {
    for (Segment& segment : transcript->segments) {
      if (!shown.words) segment.words.clear();
    }
    return to_verbose_json(*transcript, shown.task);
  }
  if (wanted.row.format == Format::rttm) return rttm_of(*transcript, job);
  return write(*transcript, wanted.row.format, wanted.subtitles);
}

http::Response result_answer(Service& service, http::Request& request,
                             const ResultRequest& wanted) {
  const auto job = find_own_job(service, caller_of(request), request.parameter("job_id"));
  if (job.state != State::completed) return not_completed(job);
  auto response =
      http::Response::of(wanted.row.media_type, result_body(service, job, wanted))
          .with("Cache-Control", "private, no-cache")
          .with("Content-Disposition",
                http::content_disposition(
                    http::Disposition::inline_view,
                    name_of_recording(job) + "." + std::string(extension_of(wanted.row.format))));
  // The result never changes: its key and how it was asked for are the answer's identity.
  const auto tag = etag_of(job.result + "?" + request.head().target);
  return std::move(response).with("ETag", tag);
}

http::Task<void> show_result(Service& service, http::Request& request, http::Responder& responder) {
  const auto wanted = read_request(request);
  auto build = [&] { return result_answer(service, request, wanted); };
  auto response = co_await http::offload(service.pool, build);
  co_await responder.send(std::move(response));
}

nlohmann::json example_transcript() {
  return json_of(R"({
    "text": "Good morning.",
    "language": "en",
    "language_probability": 0.99,
    "duration": 2.6,
    "duration_after_vad": 2.4,
    "model": "base",
    "segments": [
      {
        "id": 0,
        "start": 0.0,
        "end": 2.4,
        "text": " Good morning.",
        "speaker": null,
        "speakers": [],
        "words": [
          {"word": " Good", "start": 0.1, "end": 0.5, "probability": 0.98, "speaker": null}
        ],
        "extra_data": {
          "avg_logprob": -0.21,
          "compression_ratio": 1.1,
          "no_speech_prob": 0.01,
          "temperature": 0.0,
          "tokens": [2205, 2446, 13]
        }
      }
    ]
  })");
}

std::vector<Content> result_contents() {
  std::vector<Content> contents = {
      {.schema = {{"type", "object"}}, .example = example_transcript()}};
  for (const auto* type :
       {"text/plain", "application/x-subrip", "text/vtt", "text/tab-separated-values"}) {
    contents.push_back({.media_type = type, .schema = {{"type", "string"}}});
  }
  return contents;
}

std::vector<Parameter> result_parameters() {
  using In = Parameter::In;
  const nlohmann::json count = {{"type", "integer"}, {"minimum", 1}, {"maximum", kMostOfSubtitles}};
  nlohmann::json names = nlohmann::json::array();
  for (const auto& row : kFormats) names.push_back(row.name);
  return {
      job_id_parameter(),
      {"format",
       In::query,
       "Format of the transcript",
       {{"type", "string"}, {"enum", names}, {"default", "json"}}},
      {"cues",
       In::query,
       "srt, vtt: cut at the ends of sentences and clauses (needs word times), or with segments as "
       "openai-whisper does",
       {{"type", "string"}, {"enum", {"sentences", "segments"}}, {"default", "sentences"}}},
      {"max_line_width", In::query,
       "srt, vtt: most characters of a line; with cues=sentences 42, or 21 without spaces", count},
      {"max_line_count", In::query, "srt, vtt: most lines of a cue; with cues=sentences 2", count},
      {"max_words_per_line", In::query, "srt, vtt: most words of a cue", count},
      {"highlight_words",
       In::query,
       "srt, vtt: underline each word while it is spoken",
       {{"type", "boolean"}, {"default", false}}}};
}

Operation result_operation() {
  return {.id = "get_result",
          .group = "Jobs",
          .summary = "The transcript of a completed job",
          .description =
              "Supports range requests and `If-None-Match`. Without a result, the answer is 409 "
              "with `job_status`: `not_ready`, or `no_result` if the job failed or was cancelled. "
              "`verbose_json` is the format of OpenAI's API. `rttm` needs a job with `diarize`, "
              "otherwise 409 `no_speakers`. The format diarized_json is not supported yet: "
              "`unsupported_format`.",
          .scope = "read",
          .parameters = result_parameters(),
          .answers = {{200, "The transcript", result_contents()},
                      {206, "The requested range", result_contents()},
                      {304, "Not changed since the given `ETag`"}},
          .problems = {404, 409, 410, 416, 422, 507}};
}

}  // namespace

void add_result_routes(Routes& routes, Service& service) {
  routes.add("GET", "/api/v1/jobs/{job_id}/result", handle_with(service, show_result),
             result_operation());
  add_audio_route(routes, service);
}

}  // namespace steno::api
