// The options of a search are copied by hand from those of a transcription (search.cc:
// generate_options()). These tests fail when one of them is forgotten there.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "unit/options/every_option.h"
#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

/// All fields. Does not compile after a field was added, until it has a name here.
auto fields_of(const GenerateOptions& options) {
  const auto& [beam_size, patience, length_penalty, repetition_penalty, no_repeat_ngram_size,
               temperature, best_of, max_new_tokens, suppress_blank, suppress_tokens,
               max_initial_timestamp_index] = options;
  return std::make_tuple(beam_size, patience, length_penalty, repetition_penalty,
                         no_repeat_ngram_size, temperature, best_of, max_new_tokens, suppress_blank,
                         suppress_tokens, max_initial_timestamp_index);
}
using Fields = decltype(fields_of(GenerateOptions()));
constexpr auto kEach = std::make_index_sequence<std::tuple_size_v<Fields>>();

template <size_t... Index>
std::set<size_t> differences(const Fields& a, const Fields& b, std::index_sequence<Index...>) {
  std::set<size_t> found;
  ((std::get<Index>(a) == std::get<Index>(b) || found.insert(Index).second), ...);
  return found;
}

/// The options with which the engine searches the text of a window.
Fields searched_with(const TranscribeOptions& options) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say("One good sentence."); });
  const WindowRequest window{tone(5), "en", true};
  transcribe_windows(*scripted.model, {&window, 1}, options);
  return fields_of(scripted.engine->searches.at(0).options);
}

/// The fields that change with the option of a row.
std::set<size_t> effects_of(const Option<TranscribeOptions>& row) {
  return differences(searched_with(with_changed(row)), searched_with({}), kEach);
}

TEST(SearchOptions, EachOptionOfTheSearchReachesTheEngine) {
  // They judge the result of a search.
  const std::set<std::string> others = {"compression_ratio_threshold", "log_prob_threshold",
                                        "no_speech_threshold"};
  for (const auto& row : transcribe_option_table()) {
    if (row.group != "Search") continue;
    EXPECT_EQ(effects_of(row).empty(), others.contains(row.name)) << row.name;
  }
}

TEST(SearchOptions, EachFieldOfASearchFollowsAnOption) {
  std::set<size_t> fields;
  for (const auto& row : transcribe_option_table()) {
    if (row.group == "Search" || row.group == "Times") fields.merge(effects_of(row));
  }
  EXPECT_EQ(fields.size(), std::tuple_size_v<Fields>);
}

}  // namespace
}  // namespace steno::asr
