// A field of the options that a path drops is ignored without a word. These tests go through every
// field and every row of the table.

#include "unit/options/every_option.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "options/option_json.h"

namespace steno {
namespace {

/// Converts to the type of any field.
struct AnyField {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};

template <class T, std::size_t... Index>
constexpr bool takes(std::index_sequence<Index...>) {
  return requires { T{(static_cast<void>(Index), AnyField())...}; };
}

/// How many fields a struct without base classes has: the most initializers that it takes.
template <class T, std::size_t Count = 64>
constexpr std::size_t fields_of() {
  if constexpr (takes<T>(std::make_index_sequence<Count>())) {
    return Count;
  } else {
    return fields_of<T, Count - 1>();
  }
}

struct Three {
  int one = 1;
  std::string two;
  std::vector<double> three = {1};
};
static_assert(fields_of<Three>() == 3);

TEST(EveryOption, EveryFieldHasARow) {
  constexpr std::size_t kNested = 3;  // vad, speakers, post
  constexpr std::size_t kFields = fields_of<TranscribeOptions>() - kNested +
                                  fields_of<VadOptions>() + fields_of<SpeakerOptions>() +
                                  fields_of<PostOptions>();
  EXPECT_EQ(transcribe_option_table().size(), kFields);
  EXPECT_EQ(device_option_table().size(), fields_of<DeviceOptions>());
}

TEST(EveryOption, EveryRowHasAFieldOfItsOwn) {
  for (const auto& changed : transcribe_option_table()) {
    const TranscribeOptions options = with_changed(changed);
    for (const auto& row : transcribe_option_table()) {
      const bool is_default = row.get(options) == row.get(TranscribeOptions());
      EXPECT_EQ(is_default, row.name != changed.name) << changed.name << " changes " << row.name;
    }
  }
}

TEST(EveryOption, IsComparedByEquality) {
  for (const auto& row : transcribe_option_table()) {
    EXPECT_FALSE(with_changed(row) == TranscribeOptions()) << row.name;
  }
}

TEST(EveryOption, IsReadFromText) {
  for (const auto& row : transcribe_option_table()) {
    const TranscribeOptions wanted = with_changed(row);
    TranscribeOptions read;
    const auto set = set_option_text(read, row.name, option_text(row.get(wanted)));
    ASSERT_TRUE(set.has_value()) << set.error().message;
    EXPECT_EQ(read, wanted) << row.name;
  }
}

nlohmann::json json_of(const OptionValue& value) {
  return std::visit(
      [](const auto& held) -> nlohmann::json {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
          return nullptr;
        } else if constexpr (std::is_same_v<Held, std::vector<ReplaceRule>> ||
                             std::is_same_v<Held, std::vector<KnownSpeaker>>) {
          return list_to_json(held);
        } else {
          return held;
        }
      },
      value);
}

TEST(EveryOption, IsReadFromTheJsonOfAJob) {
  for (const auto& row : transcribe_option_table()) {
    const TranscribeOptions wanted = with_changed(row);
    const nlohmann::json job = {{row.name, json_of(row.get(wanted))}};
    const auto read = parse_options(job.dump());
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(*read, wanted) << row.name;
  }
}

}  // namespace
}  // namespace steno
