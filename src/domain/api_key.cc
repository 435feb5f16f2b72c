#include "domain/api_key.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/digest.h"
#include "base/id.h"

namespace steno {
namespace {

constexpr std::string_view kPrefix = "steno_";
constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kRandomLength = 26;
constexpr size_t kChecksumLength = 6;
constexpr size_t kShownLength = 10;

constexpr std::array<std::pair<Scope, std::string_view>, 4> kScopes = {{
    {Scope::submit, "submit"},
    {Scope::read, "read"},
    {Scope::admin, "admin"},
    {Scope::metrics, "metrics"},
}};

std::string in_base32(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text.push_back(kDigits[static_cast<unsigned char>(byte) & 31]);
  return text;
}

std::string checksum(std::string_view body) {
  return in_base32(sha256(body).substr(0, kChecksumLength));
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string make_api_key() {
  const std::string body = std::string(kPrefix) + in_base32(random_bytes(kRandomLength));
  return body + "_" + checksum(body);
}

bool is_api_key(std::string_view text) {
  constexpr size_t kBody = kPrefix.size() + kRandomLength;
  if (text.size() != kBody + 1 + kChecksumLength || !text.starts_with(kPrefix)) return false;
  const auto is_digit = [](char c) { return kDigits.find(c) != std::string_view::npos; };
  return std::ranges::all_of(text.substr(kPrefix.size(), kRandomLength), is_digit) &&
         text[kBody] == '_' && text.substr(kBody + 1) == checksum(text.substr(0, kBody));
}

bool is_valid(const ApiKey& key, Time now) {
  return !key.revoked_at && (!key.expires_at || *key.expires_at > now);
}

std::string hash_api_key(std::string_view key) { return sha256(key); }

std::string api_key_prefix(std::string_view key) {
  return std::string(key.substr(0, kShownLength));
}

std::string to_text(Scopes scopes) {
  std::string text;
  for (const auto& [scope, name] : kScopes) {
    if ((scopes & static_cast<Scopes>(scope)) == 0) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

Result<Scopes> parse_scopes(std::string_view text) {
  Scopes scopes = 0;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    const std::string_view name = trimmed(text.substr(0, comma));
    const auto known = std::ranges::find(kScopes, name, [](const auto& row) { return row.second; });
    if (known == kScopes.end()) {
      return fail(Errc::invalid_argument, "no scope is called \"" +
                                              std::string(name.substr(0, 40)) +
                                              "\"; there are submit, read, admin and metrics");
    }
    scopes |= static_cast<Scopes>(known->first);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return scopes;
}

}  // namespace steno
