#include "api/submit/submission_form.h"

#include <simdjson.h>

#include <algorithm>

#include "base/nearest.h"
#include "options/option_json.h"
#include "pipeline/known_speakers.h"

namespace steno::api {
namespace {

using nlohmann::json;

constexpr size_t kMostErrors = 50;
constexpr size_t kLongestShown = 60;
constexpr const char* kInline[] = {"audio_base64", "blob"};

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

// "$.beam_size"; names with other characters are in brackets.
std::string json_path(const std::string& name) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  if (!name.empty() && std::ranges::all_of(name, plain)) return "$." + name;
  return "$[" +
         json(name.substr(0, kLongestShown)).dump(-1, ' ', false, json::error_handler_t::replace) +
         "]";
}

std::vector<std::string> field_names() {
  std::vector<std::string> names;
  for (const Field& field : submission_fields()) names.push_back(field.name);
  return names;
}

// The part of known speakers that a job's options contain.
json names_of(const json& speakers) {
  json names = json::array();
  for (const json& speaker : speakers) names.push_back(speaker.at("name"));
  return names;
}

// For rules between options: names of known speakers with placeholder recordings.
json with_recordings(json options) {
  const auto speakers = options.find(kKnownSpeakersInput);
  if (speakers == options.end() || !speakers->is_array()) return options;
  for (json& speaker : *speakers) {
    if (speaker.is_string()) speaker = {{"name", speaker}, {"audio_base64", "AAAA"}};
  }
  return options;
}

}  // namespace

service::NewSubmission Submission::wanted() const {
  const json speakers = known_speakers();
  return {.job = job(),
          .model = model(),
          .urls = urls(),
          .is_list = given_.contains("urls"),
          .upload_id = upload_id(),
          .known_speakers = speakers.is_null() ? "" : speakers.dump(),
          .canonical = canonical()};
}

std::vector<std::string> Submission::urls() const {
  if (const auto list = given_.find("urls"); list != given_.end()) return *list;
  if (const auto url = given_.find("url"); url != given_.end()) return {*url};
  return {};
}

std::optional<std::string> Submission::upload_id() const {
  const auto id = given_.find("upload_id");
  return id == given_.end() ? std::nullopt : std::optional(id->get<std::string>());
}

std::optional<std::string> Submission::model() const {
  const auto model = given_.find("model");
  return model == given_.end() ? std::nullopt : std::optional(model->get<std::string>());
}

json Submission::options() const {
  json options = {{"word_timestamps", true}};
  for (const auto& [name, value] : given_.items()) {
    if (find_field(name)->is_option) options[name] = value;
  }
  return options;
}

json Submission::known_speakers() const {
  const auto list = given_.find(kKnownSpeakersInput);
  return list == given_.end() || list->empty() ? json() : *list;
}

Job Submission::job() const {
  Job job;
  json options = this->options();
  if (const json speakers = known_speakers(); !speakers.is_null()) {
    options[kKnownSpeakersInput] = names_of(speakers);
  }
  // An option of the result, not of the engine; stored with the transcription options.
  if (!given_.value("extra_data", true)) options["extra_data"] = false;
  job.options = options.dump();
  job.priority = given_.value("priority", job.priority);
  job.recording_id = given_.value("recording_id", "");
  if (given_.contains("metadata")) job.metadata = given_["metadata"].dump();
  job.time_limit = std::chrono::seconds(given_.value("time_limit", 0));
  return job;
}

void SubmissionForm::complain(std::string_view path, Wrong wrong) {
  if (errors_.size() >= kMostErrors) return;
  errors_.push_back(
      {std::string(path) + wrong.inside, std::move(wrong.message), std::move(wrong.code)});
}

void SubmissionForm::add(const json& document) {
  if (!document.is_object()) {
    complain("$", {"wrong_type", "the body must be a JSON object", ""});
    return;
  }
  for (const auto& [name, value] : document.items()) take(json_path(name), name, value);
}

void SubmissionForm::add_text(std::string_view name, std::string_view value) {
  const std::string path(name);
  if (!is_utf8(name) || !is_utf8(value)) {
    complain(is_utf8(name) ? path : "?", {"invalid_text", "fields must be text in UTF-8", ""});
    return;
  }
  const Field* field = find_field(name);
  if (field == nullptr) return take_unknown(path, name);
  if (!field->as_text) {
    complain(path, {"wrong_type", path + " can only be given in a JSON body", ""});
    return;
  }
  take(path, path, field->read(value));
}

void SubmissionForm::take(const std::string& path, const std::string& name, const json& value) {
  const Field* field = find_field(name);
  if (field == nullptr) return take_unknown(path, name);
  auto checked = field->check(value);
  if (!checked) return complain(path, checked.error());
  if (!given_.emplace(name, *std::move(checked)).second) {
    complain(path, {"duplicate_field", name + " is given more than once", ""});
  }
}

void SubmissionForm::take_unknown(const std::string& path, std::string_view name) {
  if (errors_.size() >= kMostErrors) return;  // searching for the nearest name takes time
  static const std::vector<std::string> names = field_names();
  const auto likely = nearest(name.substr(0, kLongestShown), names);
  complain(path.substr(0, 2 * kLongestShown),
           {"unknown_field",
            likely ? "there is no such field; did you mean " + *likely + "?"
                   : "there is no such field; see /openapi.json",
            ""});
}

void SubmissionForm::check_sources(std::size_t recordings) {
  std::string named;
  size_t count = recordings > 0 ? 1 : 0;
  for (const char* name : {"url", "urls", "upload_id"}) {
    if (!given_.contains(name)) continue;
    ++count;
    named += std::string(named.empty() ? "" : " and ") + name;
  }
  if (count == 1) return;
  if (count == 0) {
    // A refused source is not reported as a missing source.
    const auto is_source = [](const service::FieldError& error) {
      return error.path.find("url") != std::string::npos ||
             error.path.find("upload_id") != std::string::npos;
    };
    if (std::ranges::any_of(errors_, is_source)) return;
    complain("$", {"no_audio_source",
                   "give the recording as a file, a raw body, url, audio_base64 or upload_id", ""});
    return;
  }
  complain(
      "$",
      {"several_audio_sources",
       "give one source of audio, not " + named + (recordings > 0 ? " and a recording" : ""), ""});
}

void SubmissionForm::check_after_recognition(std::size_t recordings) {
  const auto refuse = [this](const std::string& path) {
    complain(path, {"not_changeable",
                    "a rerun can change only options that apply after transcription; submit the "
                    "recording again",
                    ""});
  };
  if (recordings > 0) refuse("$");
  for (const auto& [name, value] : given_.items()) {
    if (!find_field(name)->after_recognition) refuse(json_path(name));
  }
}

void SubmissionForm::check_options(const json& options) {
  if (!errors_.empty()) return;
  const auto parsed = parse_options(options.dump());
  const Result<void> good = parsed ? validate(*parsed) : tl::unexpected(parsed.error());
  if (good) return;
  // The message begins with the name of an option.
  const std::string& message = good.error().message;
  const std::string name = message.substr(0, message.find(' '));
  complain(find_field(name) == nullptr ? "$" : json_path(name),
           {"contradictory_options", message, ""});
}

service::Outcome<Submission> SubmissionForm::finish(std::size_t recordings) {
  for (const char* name : kInline) given_.erase(name);
  check_sources(recordings);
  check_options(Submission(given_).options());
  if (errors_.empty()) return Submission(std::move(given_));
  return service::refuse(error());
}

service::Outcome<service::RerunPlan> SubmissionForm::finish_rerun(const std::string& before,
                                                                  std::size_t recordings) {
  check_after_recognition(recordings);
  json options = json::parse(before);
  options.update(given_);
  check_options(with_recordings(options));
  if (!errors_.empty()) return service::refuse(error());
  service::RerunPlan plan;
  const auto speakers = given_.find(kKnownSpeakersInput);
  if (speakers != given_.end() && !speakers->empty()) {
    options[kKnownSpeakersInput] = names_of(*speakers);
    plan.known_speakers = speakers->dump();
  }
  plan.options = options.dump();
  return plan;
}

service::ServiceError SubmissionForm::error() {
  service::ServiceError error{service::ErrorKind::invalid, errors_.front().code,
                              errors_.front().message};
  if (errors_.size() > 1) {
    error.detail += " (and " + std::to_string(errors_.size() - 1) + " more: see errors)";
  }
  error.fields = std::move(errors_);
  return error;
}

}  // namespace steno::api
