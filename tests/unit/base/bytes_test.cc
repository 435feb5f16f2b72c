#include "base/bytes.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

std::string all_kinds() {
  return ByteWriter()
      .number(0.1)
      .number(true)
      .text("שלום")
      .numbers(std::vector<int>{1, -2, 3})
      .text("")
      .number(uint64_t{7})
      .bytes();
}

TEST(Bytes, GiveBackWhatWasWritten) {
  const std::string bytes = all_kinds();
  ByteReader in(bytes);
  EXPECT_EQ(in.number<double>(), 0.1);
  EXPECT_EQ(in.number<bool>(), true);
  EXPECT_EQ(in.text(), "שלום");
  EXPECT_EQ(in.numbers<int>(), (std::vector<int>{1, -2, 3}));
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.is_whole());
  EXPECT_EQ(in.number<uint64_t>(), 7u);
  EXPECT_TRUE(in.is_whole());
}

TEST(Bytes, AreNotReadBeyondTheirEnd) {
  const std::string bytes = all_kinds();
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    in.number<double>();
    in.number<bool>();
    in.text();
    in.numbers<int>();
    in.text();
    in.number<uint64_t>();
    EXPECT_TRUE(in.has_failed()) << size;
    EXPECT_FALSE(in.is_whole()) << size;
  }
}

TEST(Bytes, RefuseACountThatCannotBe) {
  const std::string bytes = ByteWriter().number(~uint64_t{0}).number(1).bytes();
  ByteReader in(bytes);
  EXPECT_TRUE(in.numbers<double>().empty());
  EXPECT_TRUE(in.has_failed());
}

}  // namespace
}  // namespace steno
