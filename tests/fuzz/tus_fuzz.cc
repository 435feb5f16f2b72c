// Any bytes as the header fields of the tus protocol.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/uploads/tus.h"
#include "service/upload_metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto pairs = steno::service::parse_upload_metadata(text)) {
    for (const auto& [key, value] : *pairs) {
      if (key.empty() || key.size() + value.size() > size) std::abort();
    }
  } else if (!steno::api::upload_file_name(text).empty()) {
    std::abort();
  }
  if (const auto checksum = steno::api::parse_upload_checksum(text)) {
    if (checksum->value.size() != 20 && checksum->value.size() != 32) std::abort();
  }
  const auto number = steno::api::parse_upload_number(text);
  if (number && *number > std::uint64_t{1} << 62) std::abort();
  return 0;
}
