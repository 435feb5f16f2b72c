#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/option_table.h"

namespace steno {

/// The value of an option as JSON has it: null, true or false, a number, text, or a list of
/// numbers, of texts, or of objects {"pattern", "replacement"} or {"name", "audio_base64"}. Nothing
/// for any other JSON. What the option takes is not looked at.
std::optional<OptionValue> option_from_json(const nlohmann::json& value);

/// The same from a text; nothing too for what is no JSON.
std::optional<OptionValue> parse_option_json(std::string_view text);

/// Decoding options of a job: a JSON object by the names of transcribe_option_table(); "extra_data"
/// beside them is not looked at. Empty text stands for no options. Fails with invalid_argument.
Result<TranscribeOptions> parse_options(std::string_view json);

/// Lists as option_from_json() takes them.
nlohmann::json list_to_json(const std::vector<ReplaceRule>& rules);
nlohmann::json list_to_json(const std::vector<KnownSpeaker>& speakers);
/// Text of their JSON; empty for an empty list.
std::string list_text(const std::vector<ReplaceRule>& rules);
std::string list_text(const std::vector<KnownSpeaker>& speakers);

}  // namespace steno
