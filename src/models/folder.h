#pragma once

#include <string>

#include "base/result.h"
#include "models/models.h"

namespace steno::models {

/// Written into the folder of a model that was pulled.
struct Record {
  std::string repo;
  std::string commit;
};
inline constexpr const char* kRecordFile = "steno.json";

/// What is known of where a folder came from; empty fields where nothing is.
Record read_record(const std::string& folder);
Result<void> write_record(const std::string& folder, const Record& record);

/// Looks only whether the files a model needs are there: too little to name damage, quick enough
/// for every start.
Result<void> glance(const std::string& folder);

}  // namespace steno::models
