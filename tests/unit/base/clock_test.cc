#include "base/clock.h"

#include <gtest/gtest.h>

#include "base/id.h"

namespace steno {
namespace {

TEST(Iso8601, WritesMillisecondsInUtc) {
  EXPECT_EQ(to_iso8601(Time(Milliseconds(1'795'629'787'045))), "2026-11-25T18:03:07.045Z");
  EXPECT_EQ(to_iso8601(Time(Milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(Iso8601, ReadsWhatItWrites) {
  const Time time(Milliseconds(1'795'629'787'045));
  EXPECT_EQ(parse_iso8601(to_iso8601(time)), time);
}

TEST(Iso8601, ReadsDatesOffsetsAndFractions) {
  const Time time(Milliseconds(1'795'629'787'000));
  EXPECT_EQ(parse_iso8601("2026-11-25T18:03:07Z"), time);
  EXPECT_EQ(parse_iso8601("2026-11-25T20:33:07+02:30"), time);
  EXPECT_EQ(parse_iso8601("2026-11-25t10:03:07-08:00"), time);
  EXPECT_EQ(parse_iso8601("2026-11-25 18:03:07.5z"), time + Milliseconds(500));
  EXPECT_EQ(parse_iso8601("2026-11-25T18:03:07.123456789Z"), time + Milliseconds(123));
  EXPECT_EQ(to_iso8601(*parse_iso8601("2026-11-25")), "2026-11-25T00:00:00.000Z");
}

TEST(Iso8601, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "now", "2026-02-30", "2026-13-01", "2026-11-25T", "2026-11-25T18:03:07",
        "2026-11-25T24:00:00Z", "2026-11-25T18:60:00Z", "2026-11-25T18:03:07.Z",
        "2026-11-25T18:03:07Zx", "2026-11-25T18:03:07+0200", "2026-11-25T18:03:07+24:00",
        "-026-11-25", "2026-1-25"}) {
    const auto time = parse_iso8601(text);
    ASSERT_FALSE(time) << text;
    EXPECT_NE(time.error().message.find("2026-11-25T18:03:07Z"), std::string::npos);
  }
}

TEST(NewId, IsLaidOutAsAUlid) {
  // 2016-07-30T23:54:10.259Z is "01arz3ndek" in the ULID specification's example.
  const std::string id = new_id("job_", Time(Milliseconds(1'469'922'850'259)));
  EXPECT_EQ(id.substr(0, 14), "job_01arz3ndek");
  EXPECT_EQ(id.size(), 30u);
}

TEST(NewId, SortsByTimeAndIsNeverTheSame) {
  const Time now(Milliseconds(1'795'629'787'045));
  EXPECT_LT(new_id("", now), new_id("", now + Milliseconds(1)));
  EXPECT_NE(new_id("", now), new_id("", now));
}

}  // namespace
}  // namespace steno
