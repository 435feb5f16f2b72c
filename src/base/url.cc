#include "base/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace steno {
namespace {

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string result = text;
  curl_free(text);
  return result;
}

std::unique_ptr<CURLU, UrlCleanup> parsed(const std::string& text) {
  std::unique_ptr<CURLU, UrlCleanup> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) url.reset();
  return url;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::optional<std::string> origin(const std::string& url) {
  const auto parts = parsed(url);
  if (!parts) return std::nullopt;
  const std::string scheme = part_of(parts.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  return scheme + "://" + lower(part_of(parts.get(), CURLUPART_HOST)) + ":" +
         part_of(parts.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string host_of(const std::string& url) {
  const auto parts = parsed(url);
  if (!parts) return "";
  const std::string port = part_of(parts.get(), CURLUPART_PORT);
  return part_of(parts.get(), CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

std::string bare_url(const std::string& url) {
  const auto parts = parsed(url);
  if (!parts) return "";
  for (const auto part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY,
                          CURLUPART_FRAGMENT}) {
    curl_url_set(parts.get(), part, nullptr, 0);
  }
  return part_of(parts.get(), CURLUPART_URL);
}

std::string percent_encoded(std::string_view text, std::string_view kept) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool stays =
        kUnreserved.find(c) != std::string_view::npos || kept.find(c) != std::string_view::npos;
    if (stays) {
      result += c;
    } else {
      result += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return result;
}

}  // namespace steno
