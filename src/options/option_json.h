#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/option_table.h"

namespace steno {

/// Converts JSON to an option's value: null, true or false, a number, text, or a list of numbers,
/// of texts, or of objects {"pattern", "replacement"} or {"name", "audio_base64"}. None for other
/// JSON. Does not check what the option allows.
std::optional<OptionValue> option_from_json(const nlohmann::json& value);

/// As option_from_json(), from a text. None for invalid JSON too.
std::optional<OptionValue> parse_option_json(std::string_view text);

/// Reads the options of a job: a JSON object with names of transcribe_option_table(). "extra_data"
/// is ignored. An empty text means no options. Fails with invalid_argument.
Result<TranscribeOptions> parse_options(std::string_view json);

/// Converts lists to the form that option_from_json() accepts.
nlohmann::json list_to_json(const std::vector<ReplaceRule>& rules);
nlohmann::json list_to_json(const std::vector<KnownSpeaker>& speakers);
/// The list as JSON text; empty for an empty list.
std::string list_text(const std::vector<ReplaceRule>& rules);
std::string list_text(const std::vector<KnownSpeaker>& speakers);

}  // namespace steno
