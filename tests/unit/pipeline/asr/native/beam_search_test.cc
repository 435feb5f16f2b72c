// The search on a small language model with given probabilities.
#include "pipeline/asr/native/beam_search.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <map>

namespace steno::asr::native {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;

// Words are 0 to 9.
constexpr int kEnd = 10;
constexpr int kFirstTime = 13;
constexpr int kVocabulary = 40;
const TokenRules kRules = {kVocabulary, kEnd, 12, kFirstTime, 11, {0}};

/// Probabilities of the next tokens. All other tokens are nearly impossible.
using Next = std::map<int, double>;
/// The probabilities after a text.
using Language = std::function<Next(const std::vector<int>& tokens)>;

std::vector<float> logits_of(const Next& next) {
  std::vector<float> logits(kVocabulary, -40);
  for (const auto& [token, probability] : next) {
    logits[token] = static_cast<float>(std::log(probability));
  }
  return logits;
}

struct SearchRun {
  Hypothesis best;
  int steps = 1;
  size_t most_live = 0;
};

class SearchTest : public testing::TestWithParam<const Kernels*> {
 protected:
  SearchRun search_text(const Language& language, const std::vector<int>& prefix = {}) const {
    Search search(*GetParam(), kRules, options_, prefix, timestamps_, max_tokens_);
    auto logits = logits_of(language(prefix));
    search.start(logits.data(), 1 + static_cast<int>(prefix.size()));
    SearchRun run;
    for (; !search.finished(); ++run.steps) {
      run.most_live = std::max(run.most_live, search.live().size());
      std::vector<float> rows;
      for (const Search::Live& live : search.live()) {
        const auto row = logits_of(language(live.tokens));
        rows.insert(rows.end(), row.begin(), row.end());
      }
      search.advance(rows.data(), kVocabulary);
    }
    run.best = search.best();
    return run;
  }

  GenerateOptions options_;
  bool timestamps_ = false;
  int max_tokens_ = 8;
};

/// 1 is more likely than 2 at first, but many continuations share its probability.
Next trap(const std::vector<int>& tokens) {
  if (tokens.empty()) return {{1, 0.6}, {2, 0.4}};
  if (tokens == std::vector{2}) return {{kEnd, 1}};
  return {{kEnd, 0.52}, {4, 0.08}, {5, 0.08}, {6, 0.08}, {7, 0.08}, {8, 0.08}, {9, 0.08}};
}

TEST_P(SearchTest, ABeamFindsTheLikelierTextBehindALessLikelyWord) {
  options_.beam_size = 2;
  const SearchRun run = search_text(trap);
  EXPECT_THAT(run.best.tokens, ElementsAre(2));
  EXPECT_NEAR(run.best.avg_logprob, std::log(0.4) / 2, 1e-4);
  EXPECT_EQ(run.most_live, 2u);
  options_.beam_size = 1;
  EXPECT_THAT(search_text(trap).best.tokens, ElementsAre(1));
}

TEST_P(SearchTest, EndsWhenNoLiveHypothesisCanWinAndWithPatienceLater) {
  options_.beam_size = 2;
  const int steps = search_text(trap).steps;
  EXPECT_EQ(steps, 2);
  options_.patience = 3;
  const SearchRun patient = search_text(trap);
  EXPECT_GT(patient.steps, steps);
  EXPECT_THAT(patient.best.tokens, ElementsAre(2));
}

TEST_P(SearchTest, GoesOnWhileALiveHypothesisIsBetterThanTheEndedOnes) {
  const auto four = [](const std::vector<int>& tokens) -> Next {
    if (tokens.size() < 4) return {{kEnd, 0.05}, {5, 0.95}};
    return {{kEnd, 1}};
  };
  options_.beam_size = 3;
  EXPECT_THAT(search_text(four).best.tokens, ElementsAre(5, 5, 5, 5));
  options_.beam_size = 2;  // the fourth ended hypothesis ends the search
  EXPECT_THAT(search_text(four).best.tokens, ElementsAre(5, 5, 5));
}

TEST_P(SearchTest, LengthPenaltyWeighsLongTexts) {
  options_.beam_size = 2;
  const auto either = [](const std::vector<int>& tokens) -> Next {
    if (tokens.empty()) return {{1, 0.5}, {2, 0.5}};
    if (tokens[0] == 1) return {{kEnd, 1}};
    if (tokens.size() < 3) return {{3, 0.8}, {kEnd, 0.2}};
    return {{kEnd, 1}};
  };
  options_.length_penalty = 1;
  EXPECT_THAT(search_text(either).best.tokens, ElementsAre(2, 3, 3));
  options_.length_penalty = 0;
  EXPECT_THAT(search_text(either).best.tokens, ElementsAre(1));
}

TEST_P(SearchTest, StopsAtTheMostTokensWithWhatThereIs) {
  max_tokens_ = 3;
  const SearchRun run = search_text([](const std::vector<int>&) -> Next { return {{4, 1}}; });
  EXPECT_THAT(run.best.tokens, ElementsAre(4, 4, 4));
}

TEST_P(SearchTest, APrefixIsNoPartOfWhatItFinds) {
  const SearchRun run = search_text(
      [](const std::vector<int>& tokens) -> Next {
        if (tokens == std::vector{7, 8}) return {{0, 0.9}, {9, 0.1}};  // 0 must not come first
        return {{kEnd, 1}};
      },
      {7, 8});
  EXPECT_THAT(run.best.tokens, ElementsAre(9));
}

TEST_P(SearchTest, WritesNoSuppressedTokenAndRepeatsNoNgram) {
  const auto stutter = [](const std::vector<int>&) -> Next {
    return {{3, 0.5}, {4, 0.3}, {5, 0.15}, {kEnd, 0.05}};
  };
  options_.beam_size = 1;
  max_tokens_ = 4;
  EXPECT_THAT(search_text(stutter).best.tokens, ElementsAre(3, 3, 3, 3));
  options_.no_repeat_ngram_size = 1;
  options_.suppress_tokens = {4};
  EXPECT_THAT(search_text(stutter).best.tokens, ElementsAre(3, 5));
}

TEST_P(SearchTest, TimesComeInPairsAndNeverGoBack) {
  timestamps_ = true;
  options_.beam_size = 1;
  options_.max_initial_timestamp_index = 5;
  max_tokens_ = 7;
  // Prefers a word and then early times after any text.
  const SearchRun run = search_text([](const std::vector<int>& tokens) -> Next {
    const bool after_word = !tokens.empty() && tokens.back() < kEnd;
    Next next = {{4, after_word ? 0.1 : 0.9}};
    for (int i = 0; i <= 20; ++i) next[kFirstTime + i] = after_word ? 0.1 : 0.01 * (i == 20) + 1e-3;
    next[kFirstTime + 4] += after_word ? 0 : 0.05;
    return next;
  });
  const auto& tokens = run.best.tokens;
  ASSERT_EQ(tokens.size(), 7u);
  // 20 is more likely but too late, and a word must not come first
  EXPECT_EQ(tokens[0], kFirstTime + 4);
  EXPECT_EQ(tokens[1], 4);
  int last = 0;
  for (size_t i = 2; i < tokens.size(); ++i) {
    if (tokens[i] < kFirstTime) continue;
    EXPECT_GE(tokens[i], last);
    last = tokens[i];
    // After a word comes an end. After an end comes a start or nothing.
    const bool is_end = tokens[i - 1] < kEnd && i + 1 < tokens.size();
    EXPECT_TRUE(!is_end || tokens[i + 1] >= kEnd) << i;
  }
  EXPECT_GE(last, kFirstTime + 4);
}

TEST_P(SearchTest, SamplesOnlyWhatCanBeAndKeepsTheBest) {
  options_.temperature = 1;
  options_.best_of = 4;
  options_.suppress_tokens = {1};
  const SearchRun run = search_text([](const std::vector<int>& tokens) -> Next {
    if (tokens.empty()) return {{1, 0.7}, {2, 0.15}, {3, 0.15}};
    return {{kEnd, tokens.back() == 2 ? 1 : 0.01}, {3, tokens.back() == 2 ? 1e-9 : 0.99}};
  });
  EXPECT_EQ(run.most_live, 4u);
  EXPECT_THAT(run.best.tokens, testing::Not(testing::Contains(1)));
  EXPECT_THAT(run.best.tokens, Each(Le(3)));
}

INSTANTIATE_TEST_SUITE_P(Kernels, SearchTest, testing::Values(portable_kernels(), &best_kernels()));

}  // namespace
}  // namespace steno::asr::native
