#include "unit/store/store_contract.h"

// Keys, usage, audit, uploads, secrets.

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ApiKey key(const std::string& id) {
  ApiKey key;
  key.id = id;
  key.owner = "ann";
  key.name = "laptop";
  key.prefix = "st_ab";
  key.hash = id + std::string("\0\xff bytes", 8);
  key.scopes = static_cast<Scopes>(Scope::submit) | static_cast<Scopes>(Scope::read);
  key.created_at = at(1);
  return key;
}

TEST_P(RecordsContract, KeepsKeys) {
  ApiKey all = key("key_1");
  all.expires_at = at(2);
  all.revoked_at = at(3);
  all.last_used_at = at(4);
  store_->keys().add(all);
  store_->keys().add(key("key_2"));
  EXPECT_EQ(store_->keys().find("key_1"), all);
  EXPECT_EQ(store_->keys().find_by_hash(key("key_2").hash), key("key_2"));
  EXPECT_FALSE(store_->keys().find("key_3"));
  EXPECT_FALSE(store_->keys().find_by_hash("key_2"));
  EXPECT_THAT(store_->keys().list(), ElementsAre(all, key("key_2")));
}

TEST_P(RecordsContract, AKeyAndItsHashAreThereOnce) {
  store_->keys().add(key("key_1"));
  EXPECT_THROW(store_->keys().add(key("key_1")), StoreError);
  ApiKey same_hash = key("key_2");
  same_hash.hash = key("key_1").hash;
  EXPECT_THROW(store_->keys().add(same_hash), StoreError);
}

TEST_P(RecordsContract, AKeyIsRevokedOnce) {
  store_->keys().add(key("key_1"));
  EXPECT_TRUE(store_->keys().revoke("key_1", at(5)));
  EXPECT_FALSE(store_->keys().revoke("key_1", at(6)));
  EXPECT_FALSE(store_->keys().revoke("key_2", at(6)));
  EXPECT_EQ(store_->keys().find("key_1")->revoked_at, at(5));
}

TEST_P(RecordsContract, ARotatedKeyEndsLater) {
  auto& keys = store_->keys();
  keys.add(key("key_1"));
  EXPECT_TRUE(keys.rotate("key_1", at(50), key("key_2")));
  EXPECT_EQ(keys.find("key_1")->expires_at, at(50));
  EXPECT_EQ(keys.find("key_2"), key("key_2"));
  EXPECT_TRUE(keys.rotate("key_1", at(90), key("key_3")));
  EXPECT_EQ(keys.find("key_1")->expires_at, at(50));  // never later than it was

  EXPECT_FALSE(keys.rotate("key_none", at(50), key("key_4")));
  keys.revoke("key_2", at(5));
  EXPECT_FALSE(keys.rotate("key_2", at(50), key("key_4")));
  EXPECT_FALSE(keys.find("key_4"));
  // Both or none.
  EXPECT_THROW(keys.rotate("key_3", at(50), key("key_1")), StoreError);
  EXPECT_FALSE(keys.find("key_3")->expires_at);
}

TEST_P(RecordsContract, TheLastUseOfAKeyOnlyGrows) {
  store_->keys().add(key("key_1"));
  store_->keys().note_use("key_1", at(7));
  store_->keys().note_use("key_1", at(6));
  EXPECT_EQ(store_->keys().find("key_1")->last_used_at, at(7));
}

TEST_P(RecordsContract, UsageAddsUp) {
  auto& usage = store_->usage();
  const Usage one{"ann", "key_1", "2026-11-25", 1, 0, 5'000'000'000, 11.5, 0.25};
  const Usage failed{"ann", "key_1", "2026-11-25", 1, 1, 7, 0, 0.5};
  const Usage next_day{"ann", "key_1", "2026-11-26", 1, 0, 1, 1, 1};
  const Usage other{"bob", "key_2", "2026-11-25", 1, 0, 2, 2, 2};
  for (const auto& more : {one, failed, next_day, other}) usage.add(more);
  const Usage both{"ann", "key_1", "2026-11-25", 2, 1, 5'000'000'007, 11.5, 0.75};
  EXPECT_THAT(usage.list({}, "2026-11-25", "2026-11-26"), ElementsAre(both, other, next_day));
  EXPECT_THAT(usage.list({}, "2026-11-26", "2026-12-01"), ElementsAre(next_day));
  EXPECT_THAT(usage.list("bob", "2026-11-01", "2026-11-30"), ElementsAre(other));
  EXPECT_THAT(usage.list("eve", "2026-11-01", "2026-11-30"), IsEmpty());
}

TEST_P(RecordsContract, AuditIsListedNewestFirst) {
  auto& audit = store_->audit();
  AuditEntry entry{0, at(1), "key_1", "job.submit", "job_1", "127.0.0.1", "ok", "request_1"};
  audit.add(entry);
  audit.add({0, at(2), "local", "key.create", "key_2", "", "ok", ""});
  const auto all = audit.list(0, 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_GT(all[0].id, all[1].id);
  entry.id = all[1].id;
  EXPECT_EQ(all[1], entry);
  EXPECT_THAT(audit.list(all[0].id, 10), ElementsAre(entry));
  EXPECT_THAT(audit.list(0, 1), ElementsAre(all[0]));
  EXPECT_THAT(audit.list(entry.id, 10), IsEmpty());
}

TEST_P(RecordsContract, KeepsUploads) {
  auto& uploads = store_->uploads();
  const Upload first{
      "up_1", "ann", "parts/1", "filename d29ybGQ=", 5'000'000'000, false, at(1), at(100)};
  Upload second{"up_2", "bob", "parts/2", "", 0, true, at(2), at(50)};
  uploads.add(first);
  uploads.add(second);
  EXPECT_THROW(uploads.add(first), StoreError);
  EXPECT_EQ(uploads.find("up_1"), first);
  EXPECT_EQ(uploads.find("up_3"), std::nullopt);
  EXPECT_THAT(uploads.all(), ElementsAre(first, second));

  EXPECT_THAT(uploads.expired(at(49), 10), IsEmpty());
  EXPECT_THAT(uploads.expired(at(100), 10), ElementsAre(second, first));
  EXPECT_THAT(uploads.expired(at(100), 1), ElementsAre(second));
  EXPECT_EQ(uploads.count_open("ann", at(99)), 1);
  EXPECT_EQ(uploads.count_open("ann", at(100)), 0);
  uploads.add({"up_3", "ann", "", "{}", 1, true, at(2), at(150)});  // a job's
  EXPECT_EQ(uploads.count_open("ann", at(99)), 1);
  EXPECT_FALSE(uploads.erase("up_3")) << "its blob is a job's";
  EXPECT_TRUE(uploads.set_complete("up_1", at(200)));
  EXPECT_TRUE(uploads.find("up_1")->complete);
  EXPECT_EQ(uploads.find("up_1")->expires_at, at(200));
  EXPECT_TRUE(uploads.erase("up_2"));
  EXPECT_FALSE(uploads.erase("up_2"));
  EXPECT_FALSE(uploads.set_complete("up_2", at(200)));
  EXPECT_THAT(uploads.expired(at(100), 10), IsEmpty());
}

TEST_P(RecordsContract, ExpiresUploadsAndSaysWhoseBlobTheyHad) {
  using Expiry = UploadStore::Expiry;
  auto& uploads = store_->uploads();
  for (const std::string name : {"free", "used"}) {
    uploads.add({name, "ann", "audio/" + name, "", 1, true, at(0), at(10)});
  }
  JobSubmission submission{.jobs = {waiting_job("job_1", 1)}};
  submission.jobs[0].source.blob = "audio/used";
  submission.upload = UploadUse{"used", "by job_1", at(20)};
  EXPECT_EQ(submit(jobs(), submission).status, Creation::Status::created);

  EXPECT_EQ(uploads.expire("free", at(9)), Expiry::kept);
  EXPECT_EQ(uploads.expire("free", at(10)), Expiry::unused);
  EXPECT_EQ(uploads.expire("free", at(10)), Expiry::kept);
  EXPECT_EQ(uploads.expire("used", at(10)), Expiry::kept);
  EXPECT_EQ(uploads.expire("used", at(20)), Expiry::of_a_job);
  EXPECT_THAT(uploads.all(), IsEmpty());
}

TEST_P(RecordsContract, ASecretIsMadeOnce) {
  const auto links = store_->secret("links");
  EXPECT_EQ(links.size(), 32u);
  EXPECT_EQ(store_->secret("links"), links);
  EXPECT_NE(store_->secret("other"), links);
}

}  // namespace
}  // namespace steno
