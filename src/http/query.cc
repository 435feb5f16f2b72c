#include "http/query.h"

#include <simdjson.h>

#include <algorithm>

#include "http/characters.h"
#include "http/headers.h"

namespace steno::http {
namespace {

enum class Plus { is_space, is_itself };

Result<std::string> decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus == Plus::is_space) c = ' ';
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail(Errc::invalid_argument, "\"%\" needs two hexadecimal digits after it");
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return fail(Errc::invalid_argument, "a NUL byte has no place in an address");
    out += c;
  }
  if (!simdjson::validate_utf8(out)) {
    return fail(Errc::invalid_argument, "the address is not UTF-8 when decoded");
  }
  return out;
}

}  // namespace

std::optional<std::string_view> Query::get(std::string_view key) const {
  const auto found = std::ranges::find(items_, key, &Item::first);
  if (found == items_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> Query::all(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const auto& [own, value] : items_) {
    if (own == key) values.push_back(value);
  }
  return values;
}

Result<Query> decode_query(std::string_view text) {
  std::vector<Query::Item> items;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto item = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (item.empty()) continue;
    const auto equals = item.find('=');
    const bool has_value = equals != std::string_view::npos;
    auto key = decode(item.substr(0, equals), Plus::is_space);
    auto value = decode(has_value ? item.substr(equals + 1) : "", Plus::is_space);
    if (!key) return tl::unexpected(key.error());
    if (!value) return tl::unexpected(value.error());
    items.emplace_back(*std::move(key), *std::move(value));
  }
  return Query(std::move(items));
}

Result<std::vector<std::string>> decode_path(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return fail(Errc::invalid_argument, "a path starts with \"/\"");
  }
  std::vector<std::string> segments;
  if (path == "/") return segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    auto segment = decode(path.substr(0, end), Plus::is_itself);
    if (!segment) return tl::unexpected(segment.error());
    segments.push_back(*std::move(segment));
    path.remove_prefix(end);
  }
  return segments;
}

Result<Target> split_target(std::string_view target) {
  if (!std::ranges::all_of(target, is_visible) || target.find('#') != std::string_view::npos) {
    return fail(Errc::invalid_argument, "the request's target has bytes that do not belong there");
  }
  Target split;
  if (target == "*") {
    split.path = target;
    return split;
  }
  const auto scheme = target.find("://");
  if (!target.starts_with('/') && scheme != std::string_view::npos) {
    const auto name = target.substr(0, scheme);
    if (!equal_ignoring_case(name, "http") && !equal_ignoring_case(name, "https")) {
      return fail(Errc::invalid_argument, "the request's target is neither http nor https");
    }
    target.remove_prefix(scheme + 3);
    const auto end = std::min(target.find_first_of("/?"), target.size());
    split.authority = target.substr(0, end);
    if (split.authority.empty()) return fail(Errc::invalid_argument, "the target has no host");
    target.remove_prefix(end);
  } else if (!target.starts_with('/')) {
    return fail(Errc::invalid_argument, "the request's target does not start with \"/\"");
  }
  const auto question = target.find('?');
  split.path = target.substr(0, question);
  if (split.path.empty()) split.path = "/";
  if (question != std::string_view::npos) split.query = target.substr(question + 1);
  return split;
}

}  // namespace steno::http
