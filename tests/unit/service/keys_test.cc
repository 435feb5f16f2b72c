#include "service/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sqlite/sqlite_store.h"
#include "store/store.h"
#include "unit/base/manual_clock.h"

namespace steno::service {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;

NewKey wanted(std::string name, std::string owner = "", std::optional<Time> expires_at = {},
              Scopes scopes = kDefaultScopes) {
  NewKey key;
  key.name = std::move(name);
  key.owner = std::move(owner);
  key.scopes = scopes;
  key.expires_at = expires_at;
  return key;
}

class KeysTest : public testing::Test {
 protected:
  std::vector<std::string> audited() {
    std::vector<std::string> lines;
    for (const AuditEntry& entry : audit_.list(0, 100)) {
      lines.insert(lines.begin(), entry.actor + " " + entry.action + " " + entry.result);
    }
    return lines;
  }
  /// The field and code of the first error.
  std::string refused(const NewKey& key_wanted) {
    const auto key = keys_.create(key_wanted, actor_);
    if (key) return "";
    EXPECT_EQ(key.error().kind, ErrorKind::invalid);
    return key.error().fields.at(0).path + " " + key.error().code;
  }

  ManualClock clock_;
  std::unique_ptr<Store> store_ = open_sqlite("").value();
  AuditTrail audit_{store_->audit(), clock_};
  Keys keys_{store_->keys(), audit_, clock_};
  const Actor actor_{.id = "local"};
};

TEST_F(KeysTest, AreMadeByOneRule) {
  EXPECT_EQ(refused(wanted("")), "name invalid_text");
  EXPECT_EQ(refused(wanted("two\nlines")), "name invalid_text");
  EXPECT_EQ(refused(wanted("\x7f")), "name invalid_text");
  EXPECT_EQ(refused(wanted("no utf-8: \xff")), "name invalid_text");
  EXPECT_EQ(refused(wanted(std::string(101, 'n'))), "name invalid_text");
  EXPECT_EQ(refused(wanted("n", "\x1b[2J")), "owner invalid_text");
  EXPECT_EQ(refused(wanted("n", "", {}, 0)), "scopes out_of_range");
  EXPECT_EQ(refused(wanted("n", "", clock_.now())), "expires_at out_of_range");
  EXPECT_EQ(keys_.list().size(), 0u);

  std::string longest;
  for (int i = 0; i < 100; ++i) longest += "\xC3\xA4";
  const auto key = keys_.create(wanted(longest), actor_);
  ASSERT_TRUE(key);
  EXPECT_TRUE(is_api_key(key->secret));
  EXPECT_EQ(hash_api_key(key->secret), key->row.hash);
  EXPECT_THAT(key->row.owner, testing::StartsWith("owner_"));
  EXPECT_EQ(steno::to_text(key->row.scopes), "submit,read");
  EXPECT_THAT(audited(), ElementsAre("local key.create ok"));
}

TEST_F(KeysTest, ReportEveryRuleThatIsBroken) {
  const auto key = keys_.create(wanted("", "\n", {}, 0), actor_);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().fields.size(), 3u);
}

TEST_F(KeysTest, ARotatedKeyKeepsItsExpiryAndEndsAfterTheGrace) {
  const Time expiry = clock_.now() + hours(48);
  const auto old = keys_.create(wanted("n", "o", expiry), actor_).value();
  const auto fresh = keys_.rotate(old.row.id, hours(1), actor_).value();
  EXPECT_EQ(fresh.row.owner, "o");
  EXPECT_EQ(fresh.row.name, "n");
  EXPECT_EQ(fresh.row.expires_at, expiry);
  EXPECT_NE(fresh.row.hash, old.row.hash);
  EXPECT_EQ(store_->keys().find(old.row.id)->expires_at, clock_.now() + hours(1));
  EXPECT_THAT(audited(),
              ElementsAre("local key.create ok", "local key.rotate ok", "local key.create ok"));
}

TEST_F(KeysTest, ARotationNeverLengthensTheLifeOfTheOldKey) {
  const Time expiry = clock_.now() + hours(1);
  const auto old = keys_.create(wanted("n", "", expiry), actor_).value();
  ASSERT_TRUE(keys_.rotate(old.row.id, kMostGrace, actor_));
  EXPECT_EQ(store_->keys().find(old.row.id)->expires_at, expiry);
}

TEST_F(KeysTest, AnExpiredKeyIsNotRotated) {
  const auto old = keys_.create(wanted("n", "owner_1", clock_.now() + hours(1)), actor_).value();
  clock_.advance(hours(2));
  const auto fresh = keys_.rotate(old.row.id, hours(1), actor_);
  ASSERT_FALSE(fresh);
  EXPECT_EQ(fresh.error().kind, ErrorKind::conflict);
  EXPECT_EQ(fresh.error().code, "key_expired");
  EXPECT_THAT(fresh.error().detail, HasSubstr("owner_1"));  // for whom to make a new one
  EXPECT_EQ(keys_.list().size(), 1u);
  EXPECT_EQ(audited().back(), "local key.rotate key_expired");
}

TEST_F(KeysTest, TheGraceHasARange) {
  const auto key = keys_.create(wanted("n"), actor_).value();
  for (const Milliseconds grace : {Milliseconds(-1), Milliseconds(kMostGrace) + Milliseconds(1)}) {
    const auto fresh = keys_.rotate(key.row.id, grace, actor_);
    ASSERT_FALSE(fresh);
    EXPECT_EQ(fresh.error().fields.at(0).path, "grace_seconds");
  }
  EXPECT_TRUE(keys_.rotate(key.row.id, Milliseconds(0), actor_));
}

TEST_F(KeysTest, ARevokedKeyIsNeitherRevokedNorRotated) {
  const auto key = keys_.create(wanted("n"), actor_).value();
  ASSERT_TRUE(keys_.revoke(key.row.id, actor_));
  EXPECT_EQ(keys_.revoke(key.row.id, actor_).error().code, "key_revoked");
  EXPECT_EQ(keys_.rotate(key.row.id, hours(1), actor_).error().code, "key_revoked");
  EXPECT_EQ(keys_.revoke("key_none", actor_).error().kind, ErrorKind::not_found);
  EXPECT_EQ(keys_.rotate("key_none", hours(1), actor_).error().kind, ErrorKind::not_found);
  EXPECT_THAT(audited(),
              ElementsAre("local key.create ok", "local key.revoke ok",
                          "local key.revoke key_revoked", "local key.rotate key_revoked"));
}

TEST_F(KeysTest, AreFoundByIdPrefixOrName) {
  const auto key = keys_.create(wanted("one"), actor_).value();
  const auto twin = keys_.create(wanted("two"), actor_).value();
  ASSERT_TRUE(keys_.create(wanted("two"), actor_));
  for (const auto& name : {key.row.id, key.row.prefix, key.row.name}) {
    EXPECT_EQ(keys_.find_named(name).value().id, key.row.id) << name;
  }
  EXPECT_EQ(keys_.find_named("two").error().code, "ambiguous_key");
  EXPECT_EQ(keys_.find_named("three").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(keys_.revoke(twin.row.id, actor_));
  EXPECT_TRUE(keys_.find_named("two"));  // a revoked key only by its id
  EXPECT_TRUE(keys_.find_named(twin.row.id));
}

}  // namespace
}  // namespace steno::service
