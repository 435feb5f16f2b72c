#pragma once

#include <string>

#include "base/result.h"
#include "models/models.h"

namespace steno::models {

/// The record that is written into the folder of a pulled model.
struct Record {
  std::string repo;
  std::string commit;
};
inline constexpr const char* kRecordFile = "steno.json";

/// The source of a folder, as far as it is known; other fields are empty.
Record read_record(const std::string& folder);
Result<void> write_record(const std::string& folder, const Record& record);

/// Checks only that a model's files exist. This cannot describe damage, but is fast enough for
/// every start.
Result<void> glance(const std::string& folder);

}  // namespace steno::models
