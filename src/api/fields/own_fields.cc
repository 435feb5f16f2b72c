// The fields of a submission besides decoding options.

#include <algorithm>
#include <boost/url/parse.hpp>
#include <string>
#include <utility>

#include "api/fields/field_rows.h"
#include "base/base64.h"
#include "base/url.h"
#include "service/text_limits.h"

namespace steno::api {
namespace {

using nlohmann::json;
using Checked = tl::expected<json, Wrong>;

constexpr size_t kLongestUrl = 8192;
constexpr size_t kMostUrls = 100;
constexpr size_t kLongestName = 200;
constexpr size_t kMostMetadataBytes = 16 * 1024;

tl::unexpected<Wrong> wrong(std::string code, std::string message, std::string inside = "") {
  return tl::unexpected(Wrong{std::move(code), std::move(message), std::move(inside)});
}

Field row(std::string name, Shape shape, std::string help) {
  Field field;
  field.name = std::move(name);
  field.shape = shape;
  field.help = std::move(help);
  return field;
}

Checked checked_url(const std::string& name, const json& value) {
  const auto& text = value.get_ref<const std::string&>();
  for (const char* cloud : {"s3://", "gs://"}) {
    if (text.starts_with(cloud)) {
      return wrong("unsupported_field",
                   name + " cannot be " + cloud +
                       "… in this version; give an https URL, such as a signed one");
    }
  }
  const auto url = boost::urls::parse_absolute_uri(text);
  const bool web = url && (url->scheme_id() == boost::urls::scheme::http ||
                           url->scheme_id() == boost::urls::scheme::https);
  if (!web || url->encoded_host().empty() || !origin(text) || text.size() > kLongestUrl) {
    return wrong("invalid_url", name + " must be an absolute http or https URL of at most " +
                                    std::to_string(kLongestUrl) + " characters, without fragment");
  }
  return value;
}

json url_schema() {
  return {{"type", "string"},
          {"format", "uri"},
          {"pattern", "^[Hh][Tt][Tt][Pp][Ss]?://"},
          {"maxLength", kLongestUrl}};
}

Field url_field() {
  Field field =
      row("url", Shape::text, "URL from which the service downloads the recording: http or https");
  field.schema = url_schema();
  field.example = "https://example.com/interview.mp3";
  field.check_value = [](const json& value) { return checked_url("url", value); };
  return field;
}

Field urls_field() {
  Field field = row("urls", Shape::texts, "Several recordings: a batch, one job for each URL");
  field.as_text = false;
  field.schema = {
      {"type", "array"}, {"items", url_schema()}, {"minItems", 1}, {"maxItems", kMostUrls}};
  field.check_value = [](const json& value) -> Checked {
    if (value.empty() || value.size() > kMostUrls) {
      return wrong("out_of_range", "urls must hold 1 to " + std::to_string(kMostUrls) + " URLs");
    }
    for (size_t i = 0; i < value.size(); ++i) {
      if (auto url = checked_url("each of urls", value[i]); !url) {
        url.error().inside = "[" + std::to_string(i) + "]";
        return url;
      }
    }
    return value;
  };
  return field;
}

// Its text never comes this far but for an escaped name: see InlineAudio.
Field base64_field(std::string name, std::string help) {
  Field field = row(std::move(name), Shape::text, std::move(help));
  field.as_text = false;
  field.schema = {{"type", "string"},
                  {"contentEncoding", "base64"},
                  {"minLength", 4},
                  {"pattern", "^" + std::string(kBase64Pattern) + "$"}};
  field.check_value = [name = field.name](const json& value) -> Checked {
    if (!value.get_ref<const std::string&>().empty())
      return wrong("invalid_base64", "the name " + name + " must have no escapes");
    return value;
  };
  return field;
}

Field name_field(std::string name, std::string help) {
  Field field = row(std::move(name), Shape::text, std::move(help));
  field.schema = {{"type", "string"},
                  {"minLength", 1},
                  {"maxLength", kLongestName},
                  {"pattern", service::kNoControlCharacters}};
  field.check_value = [name = field.name](const json& value) -> Checked {
    const auto& text = value.get_ref<const std::string&>();
    const auto length = service::count_characters(text);
    if (length == 0 || length > kLongestName || service::has_control_characters(text)) {
      return wrong("invalid_text", name + " must be 1 to " + std::to_string(kLongestName) +
                                       " characters, none of them a control character");
    }
    return value;
  };
  return field;
}

Field choice_field(std::string name, std::vector<std::string> choices, std::string help) {
  Field field = row(std::move(name), Shape::text, std::move(help));
  field.schema = {{"type", "string"}, {"enum", choices}};
  field.fallback = choices.front();
  field.check_value = [name = field.name,
                       choices = std::move(choices)](const json& value) -> Checked {
    if (std::ranges::find(choices, value.get<std::string>()) != choices.end()) return value;
    std::string words;
    for (const std::string& choice : choices) words += (words.empty() ? "" : " or ") + choice;
    return wrong("not_a_choice", name + " must be " + words);
  };
  return field;
}

Field whole_field(std::string name, int low, int high, std::string help) {
  Field field = row(std::move(name), Shape::whole, std::move(help));
  field.schema = {{"type", "integer"}, {"minimum", low}, {"maximum", high}};
  field.check_value = [name = field.name, low, high](const json& value) -> Checked {
    const double number = value.get<double>();
    if (number >= low && number <= high) return json(static_cast<std::int64_t>(number));
    return wrong("out_of_range", name + " must be a whole number from " + std::to_string(low) +
                                     " to " + std::to_string(high));
  };
  return field;
}

Field flag_field(std::string name, bool fallback, std::string help) {
  Field field = row(std::move(name), Shape::flag, std::move(help));
  field.schema = {{"type", "boolean"}};
  field.fallback = fallback;
  return field;
}

Field metadata_field() {
  Field field = row("metadata", Shape::object,
                    "Any data of the client, at most 16 KiB of JSON; returned with the job");
  field.schema = {{"type", "object"}};
  field.example = {{"case", "2041"}, {"agent", "R. Levi"}};
  field.check_value = [](const json& value) -> Checked {
    if (value.dump().size() <= kMostMetadataBytes) return value;
    return wrong("out_of_range", "metadata must be at most " + std::to_string(kMostMetadataBytes) +
                                     " bytes of JSON");
  };
  return field;
}

// Refused by name, so that it does not seem to be supported.
Field not_yet(std::string name, Shape shape, json schema, const json& only, std::string help) {
  Field field = row(std::move(name), shape, std::move(help));
  field.schema = std::move(schema);
  field.nullable = only.is_null();
  field.fallback = only;
  field.check_value = [name = field.name, only](const json& value) -> Checked {
    if (value == only) return value;
    return wrong("unsupported_field", "this version does not support " + name + "; leave it out");
  };
  return field;
}

}  // namespace

std::vector<Field> own_fields() {
  std::vector<Field> rows;
  rows.push_back(url_field());
  rows.push_back(urls_field());
  rows.push_back(base64_field("audio_base64", "The recording itself in base64, at most 64 MiB"));
  rows.push_back(base64_field("blob", "Another name of audio_base64"));
  rows.push_back(name_field("upload_id", "A finished upload of /api/v1/uploads; serves one job"));

  rows.push_back(
      name_field("model", "An installed model, see /api/v1/models; default: the service's model"));
  rows.back().example = "base";
  rows.push_back(choice_field("engine", {"faster-whisper", "stable-whisper"},
                              "Both names select this service's engine"));
  rows.push_back(
      flag_field("extra_data", true,
                 "Include extra_data in the result's segments: scores, temperature, tokens"));
  rows.push_back(
      not_yet("webhook_url", Shape::text, {{"type", "null"}}, nullptr,
              "Address for a notification at the end; not supported in this version, only null"));

  rows.push_back(
      whole_field("priority", 0, 9, "9 is served first; waiting jobs gain priority with time"));
  rows.back().fallback = 5;
  rows.push_back(
      whole_field("time_limit", 1, 604'800,
                  "Longest time of one attempt in seconds; default: the service's limit"));
  rows.push_back(
      name_field("recording_id", "The client's name for the recording; lists can filter by it"));
  rows.back().example = "call-2041";
  rows.push_back(metadata_field());
  return rows;
}

}  // namespace steno::api
