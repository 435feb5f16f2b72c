#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "api/fields/fields.h"
#include "domain/job.h"
#include "http/problem.h"

namespace steno::api {

/// What a client wants to be transcribed, and how: checked, but for what only disk and database
/// know (the model, the upload).
class Submission {
 public:
  explicit Submission(nlohmann::json given) : given_(std::move(given)) {}

  /// The addresses of `url` or `urls`.
  std::vector<std::string> urls() const;
  /// Whether a list was given, be it of one.
  bool is_list() const { return given_.contains("urls"); }
  std::optional<std::string> upload_id() const;
  std::optional<std::string> model() const;

  /// A job with all that was said but its source, model, owner and limits of the service, and but
  /// the recordings of known_speakers(), of whom its options have the names.
  Job job() const;
  /// Decoding options by their names, as the engine takes them.
  nlohmann::json options() const;
  /// The list of that option; null: none.
  nlohmann::json known_speakers() const;

  /// All fields as they were given, for comparing two submissions: one text for one meaning,
  /// whether they came as JSON or as a form.
  std::string canonical() const { return given_.dump(); }

 private:
  nlohmann::json given_;  ///< fields by name, as Field::check keeps them
};

/// How another transcript of a job's recording is made.
struct RerunPlan {
  nlohmann::json options;         ///< all of them, as a job has them
  nlohmann::json known_speakers;  ///< the list, if it was given; null: that of the job before
  std::string given;              ///< as Submission::canonical()
};

/// Takes the fields of a submission, from wherever they come, and finds everything that is wrong.
class SubmissionForm {
 public:
  /// The document of a JSON submission.
  void add(const nlohmann::json& document);
  /// A field of a form or query.
  void add_text(std::string_view name, std::string_view value);
  /// Something that is wrong beside the fields' values.
  void complain(std::string_view path, Wrong wrong);

  /// The submission, or a problem of 422 with every complaint. `recordings` is how many came with
  /// the request itself.
  tl::expected<Submission, http::Problem> finish(std::size_t recordings);

  /// The same where the fields are to change the options of a job, which are `before`: only what
  /// needs no hearing can change.
  tl::expected<RerunPlan, http::Problem> finish_rerun(const nlohmann::json& before,
                                                      std::size_t recordings);

 private:
  void take(const std::string& path, const std::string& name, const nlohmann::json& value);
  void take_unknown(const std::string& path, std::string_view name);
  void check_sources(std::size_t recordings);
  void check_after_recognition(std::size_t recordings);
  /// Rules over several options.
  void check_options(const nlohmann::json& options);
  http::Problem problem();

  nlohmann::json given_ = nlohmann::json::object();
  std::vector<std::string> codes_;
  std::vector<http::FieldError> errors_;
};

/// A problem about one field: 422.
http::Problem field_problem(std::string_view code, std::string_view path, std::string_view message);

}  // namespace steno::api
