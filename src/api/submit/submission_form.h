#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/fields/fields.h"
#include "domain/job.h"
#include "service/error.h"
#include "service/reruns.h"
#include "service/submissions.h"

namespace steno::api {

/// The fields of a submission, checked. Whether its model and its upload exist is checked by
/// service::Submissions.
class Submission {
 public:
  explicit Submission(nlohmann::json given) : given_(std::move(given)) {}

  /// The argument of the use case: everything but recordings and idempotency key.
  service::NewSubmission wanted() const;

  /// The values of `url` or `urls`.
  std::vector<std::string> urls() const;
  std::optional<std::string> upload_id() const;
  std::optional<std::string> model() const;

  /// A job with the given options, priority, recording_id, metadata and time limit. Its options
  /// have the names of known_speakers() without their recordings.
  Job job() const;
  /// The decoding options by name, in the engine's form.
  nlohmann::json options() const;
  /// The list of known speakers; null: none.
  nlohmann::json known_speakers() const;

  /// All fields as they were given, to compare two submissions: the same text for the same meaning,
  /// whether they came as JSON or as a form.
  std::string canonical() const { return given_.dump(); }

 private:
  nlohmann::json given_;  ///< fields by name, in the stored form of Field::check
};

/// Takes the fields of a submission, from JSON, a form or a query, and finds everything that is
/// wrong.
class SubmissionForm {
 public:
  /// Adds the document of a JSON submission.
  void add(const nlohmann::json& document);
  /// Adds a field of a form or query.
  void add_text(std::string_view name, std::string_view value);
  /// Adds an error that no value of a field has.
  void complain(std::string_view path, Wrong wrong);

  /// The submission, or `invalid` with every error. `recordings` is how many came with the request
  /// itself.
  service::Outcome<Submission> finish(std::size_t recordings);

  /// The same where the fields change the options of a job, `before`, a JSON object: only options
  /// that need no recognition can change.
  service::Outcome<service::RerunPlan> finish_rerun(const std::string& before,
                                                    std::size_t recordings);
  /// As Submission::canonical().
  std::string canonical() const { return given_.dump(); }

 private:
  void take(const std::string& path, const std::string& name, const nlohmann::json& value);
  void take_unknown(const std::string& path, std::string_view name);
  void check_sources(std::size_t recordings);
  void check_after_recognition(std::size_t recordings);
  /// Rules between options.
  void check_options(const nlohmann::json& options);
  service::ServiceError error();

  nlohmann::json given_ = nlohmann::json::object();
  std::vector<service::FieldError> errors_;
};

}  // namespace steno::api
