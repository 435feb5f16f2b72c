// Any bytes as the body or the query of a submission must give a job with valid options, or a
// problem that names the error. Must not crash.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "api/core/errors.h"
#include "api/core/strict_json.h"
#include "api/submit/inline_audio.h"
#include "api/submit/submission_form.h"

namespace {

using nlohmann::json;

void require(bool good) {
  if (!good) std::abort();
}

void judge(steno::api::SubmissionForm& form, std::size_t recordings) {
  auto submission = form.finish(recordings);
  if (!submission) {
    const auto& error = submission.error();
    require(error.kind == steno::service::ErrorKind::invalid);
    require(!error.code.empty() && !error.fields.empty());
    const auto problem = steno::api::problem_of(error);
    require(problem.status == 422);
    require(json::parse(steno::http::to_json(problem)).is_object());
    return;
  }
  const steno::Job job = submission->job();
  require(job.priority >= 0 && job.priority <= 9);
  require(json::parse(submission->canonical()).is_object());
  const json options = json::parse(job.options);
  for (const auto& [name, value] : options.items()) {
    const steno::api::Field* field = steno::api::find_field(name);
    require(field != nullptr && field->check(value).has_value());  // a stored value stays valid
  }
}

void try_document(std::string_view body, std::size_t piece) {
  steno::api::InlineAudio parts;
  std::string audio;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (!parts.feed(body.substr(at, piece), audio)) return;
  }
  const auto document = steno::api::parse_strict_json(parts.document());
  if (!document) return;
  steno::api::SubmissionForm form;
  form.add(*document);
  judge(form, parts.found() ? 1 : 0);
}

// Lines of NAME=VALUE.
void try_texts(std::string_view body) {
  steno::api::SubmissionForm form;
  while (!body.empty()) {
    const std::string_view line = body.substr(0, body.find('\n'));
    const std::size_t equal = std::min(line.find('='), line.size());
    form.add_text(line.substr(0, equal), line.substr(std::min(equal + 1, line.size())));
    body.remove_prefix(std::min(line.size() + 1, body.size()));
  }
  judge(form, 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == '?') {
    try_texts(rest);
  } else {
    try_document(rest, 1 + data[0] % 64);
  }
  return 0;
}
