#include "base/disk_reserve.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

using State = DiskReserve::State;

TEST(DiskReserve, TakesItsSpaceUntilItIsGivenUp) {
  const TemporaryFolder folder;
  const DiskReserve reserve(folder / "reserve", 1 << 20);
  EXPECT_EQ(reserve.state(), State::none);
  ASSERT_TRUE(reserve.keep());
  EXPECT_EQ(reserve.state(), State::kept);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "reserve").c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, 1 << 20) << "not only a size";
  ASSERT_TRUE(reserve.keep());
  EXPECT_TRUE(reserve.give_up());
  EXPECT_EQ(reserve.state(), State::none);
  ASSERT_TRUE(reserve.keep());
  EXPECT_EQ(reserve.state(), State::kept);
}

TEST(DiskReserve, IsNotMadeOnADiskThatIsTooSmall) {
  const TemporaryFolder folder;
  const DiskReserve reserve(folder / "reserve", std::uint64_t{1} << 60);
  ASSERT_TRUE(reserve.keep());
  EXPECT_EQ(reserve.state(), State::given_up);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(DiskReserve, CanBeNone) {
  const DiskReserve reserve("/nowhere/reserve", 0);
  EXPECT_TRUE(reserve.keep());
  EXPECT_EQ(reserve.state(), State::none);
  EXPECT_FALSE(reserve.give_up());
}

}  // namespace
}  // namespace steno
