#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/settings.h"

namespace steno::app {

/// The rule for a text, or for each text of a list.
struct TextRule {
  std::string allowed;  ///< description for error messages
  std::function<bool(std::string_view)> fits;
};

TextRule any_text();        ///< not empty, without control characters
TextRule listen_address();  ///< host:port; IPv6 as [::1]:8080
TextRule network();         ///< an address, optionally with a prefix length: 10.0.0.0/8
TextRule web_origin();      ///< https://host[:port], or *
TextRule web_address();     ///< http or https, without a slash at the end

/// Allows an empty text in addition to `rule`.
TextRule or_empty(TextRule rule);

/// Whether host:port is reachable from this machine only: 127.0.0.0/8, ::1, localhost.
bool is_loopback(std::string_view listen_address);

/// Contradictions between settings that are valid individually, one line per violated rule.
std::vector<std::string> contradictions(const Settings& settings);

}  // namespace steno::app
