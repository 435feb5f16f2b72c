#include "http/response.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "http/characters.h"

namespace steno::http {
namespace {

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

}  // namespace

Response Response::with(std::string_view name, std::string_view value) && {
  headers.set(name, value);
  return std::move(*this);
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response Response::of(std::string_view content_type, Body body) {
  Response response;
  response.headers.set("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response Response::text(int status, std::string body) {
  Response response = of("text/plain; charset=utf-8", std::move(body));
  response.status = status;
  return response;
}

Response Response::json(int status, const nlohmann::json& value) {
  Response response =
      of("application/json", value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  response.status = status;
  return response;
}

Response Response::problem(const Problem& problem) {
  Response response = of("application/problem+json", to_json(problem));
  response.status = problem.status;
  for (const auto& [name, value] : problem.headers) response.headers.set(name, value);
  return response;
}

std::string etag(std::string_view value) {
  const auto fits = [](char c) { return is_visible(c) && c != '"'; };
  if (!std::ranges::all_of(value, fits)) throw std::invalid_argument("not an entity tag");
  return '"' + std::string(value) + '"';
}

std::string content_disposition(Disposition disposition, std::string_view file_name) {
  std::string ascii;
  std::string encoded;
  for (const char c : file_name) {
    const bool plain = (is_visible(c) || c == ' ') &&
                       std::string_view("\"\\/%:*?<>|").find(c) == std::string_view::npos;
    ascii += plain ? c : '_';
    // Path separators are replaced. Characters that are not attr-char of RFC 8187 are escaped.
    const char safe = c == '/' || c == '\\' || c == '\0' ? '_' : c;
    const bool as_is = is_alphanumeric(safe) ||
                       std::string_view("!#$&+-.^_`|~").find(safe) != std::string_view::npos;
    if (as_is) {
      encoded += safe;
    } else {
      append_escaped(encoded, safe);
    }
  }
  std::string value = disposition == Disposition::attachment ? "attachment" : "inline";
  value += "; filename=\"" + ascii + '"';
  if (ascii != file_name) value += "; filename*=UTF-8''" + encoded;
  return value;
}

}  // namespace steno::http
