// Every option of the reference's two pipelines exists with its name and default, except those
// listed below (tests/golden/reference/defaults.json, made by tools/golden/make_defaults.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "options/option_table.h"
#include "test_paths.h"

namespace steno {
namespace {

using Json = nlohmann::json;

/// Options with an intentionally different default, or one that depends on the decoding; as text.
const std::map<std::string, std::string> kOwn = {
    {"batch_size", "none"},                   // by device
    {"clip_timestamps", ""},                  // the whole recording, which the reference calls 0
    {"num_workers", "0"},                     // by device
    {"vad_filter", "true"},                   // false in the reference when sequential
    {"vad_min_silence_duration_ms", "none"},  // by decoding
    {"without_timestamps", "none"},           // by decoding
};
/// Options of the reference that do not exist here by that name.
const std::set<std::string> kAbsent = {"log_progress",  "vad_parameters",   "download_root",
                                       "files",         "local_files_only", "revision",
                                       "use_auth_token"};

std::string text_of(const Json& value, OptionType type) {
  if (value.is_null()) return type == OptionType::text ? "" : "none";
  if (value.is_boolean()) return option_text(value.get<bool>());
  if (value.is_number()) return option_text(value.get<double>());
  if (value.is_array()) return option_text(value.get<std::vector<double>>());
  return value.get<std::string>();
}

template <class Owner>
void expect_defaults(const std::vector<Option<Owner>>& table, const Json& reference,
                     const std::string& prefix = "") {
  for (const auto& [key, value] : reference.items()) {
    const std::string name = prefix + key;
    SCOPED_TRACE(name);
    const auto row = std::ranges::find(table, name, &Option<Owner>::name);
    EXPECT_EQ(row == table.end(), kAbsent.contains(name));
    if (row == table.end()) continue;
    const auto own = kOwn.find(name);
    EXPECT_EQ(option_text(row->get(Owner())),
              own == kOwn.end() ? text_of(value, row->type) : own->second);
  }
}

TEST(ReferenceDefaults, AreOurs) {
  const auto reference = Json::parse(std::ifstream(STENO_GOLDEN "/reference/defaults.json"));
  ASSERT_GE(reference["sequential"].size(), 30u);
  expect_defaults(transcribe_option_table(), reference["sequential"]);
  expect_defaults(transcribe_option_table(), reference["batched"]);
  expect_defaults(transcribe_option_table(), reference["vad"], "vad_");
  expect_defaults(device_option_table(), reference["model"]);
}

}  // namespace
}  // namespace steno
