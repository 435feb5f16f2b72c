#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace steno::service {

/// Reads the tus field Upload-Metadata: "filename dGFsay5tcDM=,is_confidential". Keys and decoded
/// values. `invalid_argument` for a repeated or empty key and for a value that is not base64.
Result<std::vector<std::pair<std::string, std::string>>> parse_upload_metadata(
    std::string_view text);

/// The value of "filename" or "name", as the client wrote it; "" if there is none or the metadata
/// cannot be read.
std::string upload_file_name(std::string_view metadata);

}  // namespace steno::service
