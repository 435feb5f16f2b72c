#include "pipeline/diarize/linkage.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace steno::diarize {
namespace {

using testing::ElementsAre;

TEST(Linkage, JoinsWhatIsMostAlikeFirst) {
  // 0 and 1 are similar, 2 and 3 too, and the first pair is more similar to 2 than to 3.
  const std::vector<float> affinity = {9,   .9F, .4F, .2F,  //
                                       .9F, 9,   .4F, .2F,  //
                                       .4F, .4F, 9,   .8F,  //
                                       .2F, .2F, .8F, 9};
  const auto merges = average_linkage(affinity, 4);
  ASSERT_EQ(merges.size(), 3u);
  std::vector<float> steps;
  for (const Merge& merge : merges) steps.push_back(merge.affinity);
  EXPECT_THAT(steps, testing::UnorderedElementsAre(testing::FloatEq(.9F), testing::FloatEq(.8F),
                                                   testing::FloatEq(.3F)));
  EXPECT_THAT(cut(merges, 4, .85F), ElementsAre(0, 0, 1, 2));
  EXPECT_THAT(cut(merges, 4, .5F), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(cut(merges, 4, .3F), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(cut(merges, 4, 1), ElementsAre(0, 1, 2, 3));
}

/// The definition, step by step: the mean over all pairs, in time of count to the fourth.
std::vector<size_t> groups_by_definition(const std::vector<float>& affinity, size_t count,
                                         float least) {
  std::vector<std::vector<size_t>> groups;
  for (size_t i = 0; i < count; ++i) groups.push_back({i});
  while (groups.size() > 1) {
    double best = -1e9;
    size_t one = 0;
    size_t other = 0;
    for (size_t a = 0; a < groups.size(); ++a) {
      for (size_t b = 0; b < a; ++b) {
        double sum = 0;
        for (const size_t x : groups[a]) {
          for (const size_t y : groups[b]) sum += affinity[x * count + y];
        }
        sum /= static_cast<double>(groups[a].size() * groups[b].size());
        if (sum <= best) continue;
        best = sum;
        one = b;
        other = a;
      }
    }
    if (best < least) break;
    groups[one].insert(groups[one].end(), groups[other].begin(), groups[other].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(other));
  }
  std::ranges::sort(groups, {}, [](const auto& group) { return std::ranges::min(group); });
  std::vector<size_t> of(count);
  for (size_t g = 0; g < groups.size(); ++g) {
    for (const size_t x : groups[g]) of[x] = g;
  }
  return of;
}

TEST(Linkage, IsWhatItsDefinitionSays) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> any(-1, 1);
  for (const size_t count : {1, 2, 3, 7, 30}) {
    std::vector<float> affinity(count * count);
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = 0; j < i; ++j) {
        affinity[i * count + j] = affinity[j * count + i] = any(random);
      }
    }
    const auto merges = average_linkage(affinity, count);
    for (const float least : {-1.0F, -0.1F, 0.0F, 0.2F, 0.6F}) {
      EXPECT_EQ(cut(merges, count, least), groups_by_definition(affinity, count, least))
          << count << " at " << least;
    }
  }
}

TEST(Linkage, EndsWhereAllAreAlike) {
  const auto merges = average_linkage(std::vector<float>(size_t{40} * 40, 0.5F), 40);
  EXPECT_EQ(cut(merges, 40, 0.5F), std::vector<size_t>(40));
}

}  // namespace
}  // namespace steno::diarize
