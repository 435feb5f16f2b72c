#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace steno::api {

/// The error of one value. `code` is stable: "wrong_type", "out_of_range", "not_a_choice",
/// "unknown_language", "invalid_text", "invalid_url", "unsupported_field", …
struct Wrong {
  std::string code;
  std::string message;  ///< one line with the rule
  std::string inside;   ///< appended to the path of the field: "[2]"
};

/// The shape that a value must have.
enum class Shape { flag, whole, number, text, numbers, texts, object, objects };

/// One field of a submission. JSON, form fields and queries are validated by this row, and the
/// document of the API is written from it.
struct Field {
  std::string name;
  std::string help;
  Shape shape = Shape::text;
  bool nullable = false;
  /// May be given in a form or query, as text; otherwise only in JSON.
  bool as_text = true;
  /// A decoding option, passed to the engine unchanged.
  bool is_option = false;
  bool after_recognition = false;    ///< as in Option: allowed for a rerun
  nlohmann::json schema;             ///< JSON Schema of the values that `check` accepts
  nlohmann::json fallback;           ///< the value without the field; null: none
  nlohmann::json example = nullptr;  ///< null: none
  /// Checks a value of the right shape: returns the value to keep, or its error. Empty: any value.
  std::function<tl::expected<nlohmann::json, Wrong>(const nlohmann::json&)> check_value = {};

  /// The value to keep, or its error.
  tl::expected<nlohmann::json, Wrong> check(const nlohmann::json& value) const;
  /// Converts text ("5", "true", "0,0.2", "card,iban", "none") to JSON. Text that cannot be
  /// converted is returned as text, which check() refuses.
  nlohmann::json read(std::string_view text) const;
};

/// All fields in the order of the document. Built once, read-only afterwards.
const std::vector<Field>& submission_fields();

/// The field of that name, or null.
const Field* find_field(std::string_view name);

}  // namespace steno::api
