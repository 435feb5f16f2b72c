#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/settings.h"

namespace steno::app {

/// What a text, or each text of a list, must be.
struct TextRule {
  std::string allowed;  ///< in words
  std::function<bool(std::string_view)> fits;
};

TextRule any_text();        ///< not empty, without control characters
TextRule listen_address();  ///< host:port, IPv6 as [::1]:8080
TextRule network();         ///< an address, or one with a prefix length: 10.0.0.0/8
TextRule web_origin();      ///< https://host[:port], or *
TextRule web_address();     ///< http or https, no slash at the end

/// The rule, or an empty text.
TextRule or_empty(TextRule rule);

/// Whether only this machine can reach that host:port: 127.0.0.0/8, ::1, localhost.
bool is_loopback(std::string_view listen_address);

/// What is wrong with settings that are right one by one: a line for each rule that they break.
std::vector<std::string> contradictions(const Settings& settings);

}  // namespace steno::app
