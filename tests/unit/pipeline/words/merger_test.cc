#include "pipeline/words/merger.h"

#include <gmock/gmock.h>

#include <string>

#include "unit/pipeline/fake_call.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Segment segment(double start, const std::string& text, std::optional<int> channel = {}) {
  Segment segment;
  segment.id = 77;
  segment.start = start;
  segment.end = start + 1;
  segment.text = text;
  segment.channel = channel;
  return segment;
}

TEST(Merger, GivesOutWhatStartsBeforeTheReleasedSecond) {
  Collector sink;
  Merger merger(sink, 10);
  merger.add({segment(1, "a"), segment(3, "b"), segment(5, "c")});
  EXPECT_THAT(sink.segments, IsEmpty());
  merger.release(3);
  EXPECT_THAT(texts(sink.segments), ElementsAre("a"));
  merger.release(3.5);
  EXPECT_THAT(texts(sink.segments), ElementsAre("a", "b"));
  EXPECT_THAT(texts(merger.finish(10)), ElementsAre("a", "b", "c"));
  EXPECT_THAT(texts(sink.segments), ElementsAre("a", "b", "c"));
}

TEST(Merger, BringsChannelsIntoOneOrderAndNumbersThem) {
  Collector sink;
  Merger merger(sink, 10);
  merger.add({segment(2, "b0", 0), segment(4, "d0", 0)});
  merger.add({segment(1, "a1", 1), segment(2, "c1", 1)});
  const auto all = merger.finish(10);
  EXPECT_THAT(texts(all), ElementsAre("a1", "b0", "c1", "d0"));
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].id, static_cast<int>(i));
    EXPECT_EQ(sink.segments[i].id, all[i].id);
  }
}

TEST(Merger, KeepsTheOrderInWhichEqualStartsCame) {
  Collector sink;
  Merger merger(sink, 10);
  merger.add({segment(2, "first"), segment(2, "second")});
  merger.add({segment(2, "third")});
  EXPECT_THAT(texts(merger.finish(10)), ElementsAre("first", "second", "third"));
}

TEST(Merger, ProgressNeverGoesBackAndEndsWithTheLength) {
  Collector sink;
  Merger merger(sink, 30);  // a header's word
  for (const double seconds : {4.0, 2.0, 6.0}) merger.release(seconds);
  EXPECT_EQ(sink.steps.back().total, 30);
  merger.finish(20);
  std::vector<double> done;
  for (const Progress& step : sink.steps) done.push_back(step.done);
  EXPECT_THAT(done, ElementsAre(4, 4, 6, 20));
  EXPECT_EQ(sink.steps.back().total, 20);
}

}  // namespace
}  // namespace steno
