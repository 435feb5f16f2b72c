#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "api/core/describe.h"
#include "service/uploads.h"

// Formats and describes uploads. Private to upload_routes.cc.

namespace steno::api {

/// Most bytes of Upload-Metadata.
inline constexpr std::size_t kLongestUploadMetadata = 4096;

nlohmann::json upload_json(const service::UploadProgress& progress);
/// Adds Upload-Offset and Upload-Expires.
void add_upload_headers(http::Headers& headers, const service::UploadProgress& progress);

void define_upload_schemas(Routes& routes);
Operation describe_upload_discovery();
/// `most_bytes` limits one recording.
Operation describe_upload_creation(std::uint64_t most_bytes);
Operation describe_upload_state();
Operation describe_upload_chunk();
Operation describe_upload_removal();

}  // namespace steno::api
