#include "api/core/json_body.h"

#include <algorithm>
#include <cmath>

#include "api/core/errors.h"
#include "api/core/strict_json.h"
#include "service/text_limits.h"

namespace steno::api {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;

service::ServiceError malformed(std::string_view detail) {
  return {service::ErrorKind::malformed, "invalid_json", std::string(detail)};
}

nlohmann::json parse_object(std::string_view body) {
  auto value = parse_strict_json(body);
  if (!value) throw RequestError(malformed(value.error().message));
  if (!value->is_object()) throw RequestError(malformed("The body must be a JSON object"));
  return std::move(*value);
}

}  // namespace

bool is_whole(const nlohmann::json& value) {
  if (value.is_number_integer()) return true;
  return value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>();
}

BodyReader::BodyReader(std::string_view body)
    : fields_(body.empty() ? nlohmann::json::object() : parse_object(body)) {}

const nlohmann::json* BodyReader::take(std::string_view name) {
  taken_.emplace_back(name);
  const auto found = fields_.find(name);
  return found == fields_.end() || found->is_null() ? nullptr : &*found;
}

void BodyReader::complain(std::string_view code, std::string_view name, std::string_view message) {
  complaints_.add(code, "$." + std::string(name), message);
}

void BodyReader::complain(const std::vector<service::FieldError>& errors) {
  for (const auto& error : errors) {
    if (!complaints_.has("$." + error.path)) complain(error.code, error.path, error.message);
  }
}

std::optional<std::string> BodyReader::text(std::string_view name, std::size_t longest) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    if (service::is_plain_text(text, longest)) return text;
  }
  complain(value->is_string() ? "invalid_text" : "wrong_type", name,
           service::plain_text_rule(longest));
  return std::nullopt;
}

std::optional<std::int64_t> BodyReader::integer(std::string_view name, std::int64_t least,
                                                std::int64_t most) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  const bool whole = is_whole(*value);
  if (whole && *value >= least && *value <= most) return value->get<std::int64_t>();
  complain(whole ? "out_of_range" : "wrong_type", name,
           "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<Time> BodyReader::time(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    if (const auto moment = parse_iso8601(value->get_ref<const std::string&>())) return *moment;
  }
  complain("wrong_type", name, "must be a moment like 2026-11-25T18:03:07Z");
  return std::nullopt;
}

std::optional<std::vector<std::string>> BodyReader::texts(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  const auto is_text = [](const nlohmann::json& item) { return item.is_string(); };
  if (value->is_array() && std::ranges::all_of(*value, is_text)) {
    return value->get<std::vector<std::string>>();
  }
  complain("wrong_type", name, "must be a list of texts");
  return std::nullopt;
}

void BodyReader::finish() {
  for (const auto& [name, value] : fields_.items()) {
    if (std::ranges::find(taken_, name) == taken_.end()) {
      complain("unknown_field", name, "is not a field of this call");
    }
  }
  complaints_.raise();
}

http::Task<BodyReader> read_small_body(http::Request& request) {
  co_return BodyReader(co_await request.read_all(kMostBytes));
}

}  // namespace steno::api
