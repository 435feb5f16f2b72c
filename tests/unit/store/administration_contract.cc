#include "unit/store/store_contract.h"

namespace steno {
namespace {

TEST_P(AdministrationContract, IsSoundAfterAllThat) {
  for (int i = 0; i < 20; ++i) create(waiting_job("job_" + std::to_string(i), i, "ann", i % 3));
  for (int i = 0; i < 10; ++i) take(50);
  EXPECT_TRUE(store_->administration().check());
}

TEST_P(AdministrationContract, ABackupIsAStoreOfItsOwn) {
  create(waiting_job("job_1", 1));
  const auto file = folder_ / "copy.db";
  const auto made = store_->administration().backup(file);
  ASSERT_TRUE(made) << made.error().message;
  create(waiting_job("job_2", 2));
  const auto again = store_->administration().backup(file);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::conflict);
  EXPECT_FALSE(store_->administration().backup(folder_ / "missing" / "copy.db"));
}

}  // namespace
}  // namespace steno
