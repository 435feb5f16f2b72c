#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace steno {

/// Scheme, host and port of a URL, the port written out; nothing if it is no http or https URL.
std::optional<std::string> origin(const std::string& url);

/// The host of a URL, with its port if that is not the usual one: for messages. Empty if it is no
/// URL.
std::string host_of(const std::string& url);

/// A URL without user, password, query and fragment. Empty if it is no URL.
std::string bare_url(const std::string& url);

/// Text as a part of a URL, by RFC 3986: letters, digits, "-._~" and the characters in `kept` stay,
/// every other byte becomes %XX.
std::string percent_encoded(std::string_view text, std::string_view kept = "");

}  // namespace steno
