#include "blob/memory/memory_store.h"

#include "blob_contract.h"
#include "no_local_path.h"

namespace steno::blob {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, BlobContract,
                         ::testing::Values([] { return make_memory_store(); }));

INSTANTIATE_TEST_SUITE_P(MemoryWithoutPaths, BlobContract, ::testing::Values([] {
                           return std::make_shared<NoLocalPath>(make_memory_store());
                         }));

TEST(MemoryStoreTest, IsFullAtItsCapacity) {
  const auto store = make_memory_store(10);
  ASSERT_TRUE(put_blob(*store, "one", "12345"));
  EXPECT_EQ(store->free_bytes().value(), 5u);
  EXPECT_EQ(put_blob(*store, "two", "123456").error().code, Errc::no_space);
  EXPECT_EQ(store->free_bytes().value(), 5u);
  ASSERT_TRUE(put_blob(*store, "one", "1"));
  EXPECT_EQ(store->free_bytes().value(), 9u);
  ASSERT_TRUE(store->remove("one"));
  EXPECT_EQ(store->free_bytes().value(), 10u);
}

}  // namespace
}  // namespace steno::blob
