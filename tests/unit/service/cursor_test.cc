#include "service/cursor.h"

#include <gtest/gtest.h>

#include <regex>

namespace steno::service {
namespace {

TEST(Cursor, ComesBackAsItWas) {
  const Cursor cursor{Time(Milliseconds(1'795'630'000'123)), "job_01k3q8n0vt4m9c2x7h5r6w8y1z"};
  EXPECT_EQ(parse_cursor(to_text(cursor)), cursor);
  EXPECT_TRUE(std::regex_match(to_text(cursor), std::regex(kCursorPattern)));
}

TEST(Cursor, RefusesWhatItHasNotMade) {
  for (const char* text :
       {"", ".", "1", "1.", ".job_1", "x.job_1", "-1.job_1", "1 .job_1", "1.JOB", "1.job'--",
        "99999999999999999999.job_1", "123456789012345.job_1", "1.job_1.2", "1.j\xC3\xA4"}) {
    EXPECT_FALSE(parse_cursor(text)) << text;
    EXPECT_FALSE(std::regex_match(text, std::regex(kCursorPattern))) << text;
  }
  EXPECT_FALSE(parse_cursor("1." + std::string(65, 'a')));
  EXPECT_FALSE(parse_cursor(std::string_view("1.a\0b", 5)));
}

}  // namespace
}  // namespace steno::service
