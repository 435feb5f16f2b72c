#include "staging_contract.h"

#include "blob_contract.h"

namespace steno::blob {

Result<void> append(UploadStaging& staging, std::string_view id, std::uint64_t offset,
                    const std::string& text) {
  const auto writer = staging.open(id, offset);
  if (!writer) return tl::unexpected(writer.error());
  if (auto written = (*writer)->write(bytes(text)); !written) return written;
  return (*writer)->sync();
}

namespace {

bool wants_none(std::string_view) { return false; }

TEST_P(StagingContract, ContinuesUploadsUntilTheyAreBlobs) {
  EXPECT_EQ(code_of(staging_->size("up")), Errc::not_found);
  EXPECT_EQ(code_of(staging_->open("up", 5)), Errc::not_found);
  ASSERT_TRUE(append(*staging_, "up", 0, "hello "));
  EXPECT_EQ(staging_->size("up").value(), 6u);
  EXPECT_EQ(code_of(append(*staging_, "up", 7, "x")), Errc::conflict);
  ASSERT_TRUE(append(*staging_, "up", 6, "worms"));
  ASSERT_TRUE(append(*staging_, "up", 9, "ld"));  // bytes beyond the offset are discarded
  EXPECT_EQ(listing(*blobs_, ""), "");

  EXPECT_EQ(code_of(staging_->finish("up", *blobs_, "../up")), Errc::invalid_argument);
  ASSERT_TRUE(staging_->finish("up", *blobs_, "audio/up"));
  EXPECT_EQ(get_blob(*blobs_, "audio/up", 100).value(), "hello world");
  EXPECT_EQ(code_of(staging_->size("up")), Errc::not_found);
  EXPECT_TRUE(staging_->finish("up", *blobs_, "audio/up")) << "it can be repeated";
  EXPECT_EQ(code_of(staging_->finish("up", *blobs_, "audio/other")), Errc::not_found);
}

TEST_P(StagingContract, MakesAnEmptyAndALargeBlob) {
  ASSERT_TRUE(append(*staging_, "empty", 0, ""));
  ASSERT_TRUE(staging_->finish("empty", *blobs_, "audio/empty"));
  EXPECT_EQ(blob_size(*blobs_, "audio/empty").value(), 0u);
  std::string large;
  for (int i = 0; large.size() < (5u << 20); ++i) large += std::to_string(i);
  ASSERT_TRUE(append(*staging_, "large", 0, large));
  ASSERT_TRUE(staging_->finish("large", *blobs_, "audio/large"));
  EXPECT_TRUE(get_blob(*blobs_, "audio/large", large.size()).value() == large);
}

TEST_P(StagingContract, GivesAnUploadToOneWriterAtATime) {
  auto writer = staging_->open("up", 0).value();
  ASSERT_TRUE(writer->write(bytes("abc")));
  EXPECT_EQ(writer->offset(), 3u);
  EXPECT_EQ(code_of(staging_->open("up", 0)), Errc::conflict);
  EXPECT_EQ(code_of(staging_->finish("up", *blobs_, "key")), Errc::conflict);
  EXPECT_EQ(staging_->sweep(wants_none).value(), 0u);
  EXPECT_EQ(staging_->size("up").value(), 3u);
  writer.reset();
  EXPECT_EQ(staging_->open("up", 3).value()->offset(), 3u);
}

TEST_P(StagingContract, DropsUploads) {
  EXPECT_TRUE(staging_->drop("up"));
  auto writer = staging_->open("up", 0).value();
  ASSERT_TRUE(writer->write(bytes("some")));
  ASSERT_TRUE(staging_->drop("up"));  // a client may cancel while it still sends
  EXPECT_TRUE(writer->write(bytes("into nowhere")));
  writer.reset();
  EXPECT_EQ(code_of(staging_->size("up")), Errc::not_found);
}

TEST_P(StagingContract, SweepsTheUploadsThatNobodyWants) {
  for (const char* id : {"1", "2", "3"}) ASSERT_TRUE(append(*staging_, id, 0, "x"));
  EXPECT_EQ(staging_->sweep([](std::string_view id) { return id == "2"; }).value(), 2u);
  EXPECT_EQ(staging_->size("2").value(), 1u);
  EXPECT_EQ(code_of(staging_->size("1")), Errc::not_found);
  EXPECT_THROW((void)staging_->sweep([](std::string_view) -> bool { throw 1; }), int);
  EXPECT_EQ(staging_->size("2").value(), 1u);
}

TEST_P(StagingContract, RefusesBadIds) {
  for (const std::string& id : {std::string(), std::string(".."), std::string("a/b"),
                                std::string(".hidden"), std::string(101, 'a')}) {
    EXPECT_EQ(code_of(staging_->open(id, 0)), Errc::invalid_argument) << id;
    EXPECT_EQ(code_of(staging_->size(id)), Errc::invalid_argument) << id;
    EXPECT_EQ(code_of(staging_->drop(id)), Errc::invalid_argument) << id;
    EXPECT_EQ(code_of(staging_->finish(id, *blobs_, "key")), Errc::invalid_argument) << id;
  }
}

TEST_P(StagingContract, KnowsItsFreeSpaceOrHasNone) {
  const auto free = staging_->free_bytes();
  ASSERT_TRUE(free);
  EXPECT_GT(free->value_or(1), 0u);
}

}  // namespace
}  // namespace steno::blob
