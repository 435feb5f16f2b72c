#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace steno::api {

/// What is wrong with one value. `code` is stable: "wrong_type", "out_of_range", "not_a_choice",
/// "unknown_language", "invalid_text", "invalid_url", "unsupported_field", …
struct Wrong {
  std::string code;
  std::string message;  ///< one line that says what would be right
  std::string inside;   ///< what to add to the path of the field: "[2]"
};

/// What a value must be, and how a text of it is read.
enum class Shape { flag, whole, number, text, numbers, texts, object, objects };

/// One field of a submission: the row from which JSON, form fields and queries are validated and
/// the document of the API is written.
struct Field {
  std::string name;
  std::string help;
  Shape shape = Shape::text;
  bool nullable = false;
  /// May stand in a form or query, as text; else only in JSON.
  bool as_text = true;
  /// A decoding option: goes to the engine as it is.
  bool is_option = false;
  bool after_recognition = false;    ///< as Option's: may be given for a rerun
  nlohmann::json schema;             ///< JSON Schema of what `check` takes
  nlohmann::json fallback;           ///< what holds without the field; null: nothing
  nlohmann::json example = nullptr;  ///< null: none
  /// Looks at a value of the right shape: as it is kept, or what is wrong with it. Empty: anything.
  std::function<tl::expected<nlohmann::json, Wrong>(const nlohmann::json&)> limits = {};

  /// The value as it is kept, or what is wrong with it.
  tl::expected<nlohmann::json, Wrong> check(const nlohmann::json& value) const;
  /// A text ("5", "true", "0,0.2", "card,iban", "none") as JSON; what cannot be read comes back as
  /// text, for check() to refuse.
  nlohmann::json read(std::string_view text) const;
};

/// All of them, in the order of the document. Built once, then only read.
const std::vector<Field>& submission_fields();

/// The field of that name, or null.
const Field* find_field(std::string_view name);

}  // namespace steno::api
