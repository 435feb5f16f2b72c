// Who may call what, over the real server.

#include "api/auth.h"

#include "store/api_key.h"
#include "unit/api/api_fixture.h"

namespace steno::api {
namespace {

constexpr const char* kBatch = "/api/v1/batches/bat_1";  // 404 once one is let in
constexpr Scopes kRead = static_cast<Scopes>(Scope::read);

class Authentication : public ApiTest {};

TEST_F(Authentication, WantsAKey) {
  key_.clear();
  const Reply reply = get(kBatch);
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.code(), "missing_key");
  EXPECT_EQ(reply.header("WWW-Authenticate"), "Bearer realm=\"steno\"");
  EXPECT_EQ(get("/openapi.json").status, 200);
  EXPECT_EQ(get("/nothing").status, 404);
}

TEST_F(Authentication, TakesBothHeaders) {
  EXPECT_EQ(get(kBatch).status, 404);
  const std::string key = std::exchange(key_, "");
  EXPECT_EQ(get(kBatch, {{"Authorization", "Bearer " + key}}).status, 404);
  EXPECT_EQ(get(kBatch, {{"authorization", "bearer  " + key}}).status, 404);
  for (const std::string& header : {"Basic " + key, key, std::string("Bearer"), "Bearer" + key}) {
    EXPECT_EQ(get(kBatch, {{"Authorization", header}}).status, 401) << header;
  }
}

TEST_F(Authentication, RefusesUnknownKeysWithoutShowingThem) {
  for (const std::string& key : {make_api_key(), std::string("nonsense"), key_ + "x"}) {
    key_ = key;
    const Reply reply = get(kBatch);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.code(), "invalid_key");
    EXPECT_EQ(reply.body.find(key), std::string::npos);
  }
}

TEST_F(Authentication, HoldsKeysToTheirScopes) {
  key_ = make_key("alice", kRead);
  EXPECT_EQ(get(kBatch).status, 404);
  const Reply reply = post_json("/api/v1/transcribe", {{"url", "https://a.example/"}});
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.code(), "insufficient_scope");
  EXPECT_NE(reply.header("WWW-Authenticate").find("scope=\"submit\""), std::string::npos);
}

TEST_F(Authentication, ForgetsRevokedKeysSoon) {
  EXPECT_EQ(get(kBatch).status, 404);
  const auto id = store_->keys().find_by_hash(hash_api_key(key_))->id;
  ASSERT_TRUE(store_->keys().revoke(id, clock_.now()));
  EXPECT_TRUE(eventually([&] { return get(kBatch).status == 401; }));
  EXPECT_LE(KeyRing::kFresh, Milliseconds(500));
}

TEST_F(Authentication, LooksAtTheClockEvenForKeysItKnows) {
  ApiKey row = *store_->keys().find_by_hash(hash_api_key(key_));
  const std::string fresh = make_api_key();
  row.id = "key_2";
  row.hash = hash_api_key(fresh);
  row.expires_at = clock_.now() + Milliseconds(1000);
  store_->keys().add(row);
  key_ = fresh;
  EXPECT_EQ(get(kBatch).status, 404);
  clock_.advance(Milliseconds(1000));
  EXPECT_EQ(get(kBatch).status, 401);
}

TEST_F(Authentication, NotesTheUseOfAKey) {
  const auto hash = hash_api_key(key_);
  EXPECT_FALSE(store_->keys().find_by_hash(hash)->last_used_at);
  get(kBatch);
  EXPECT_EQ(store_->keys().find_by_hash(hash)->last_used_at, clock_.now());
}

TEST_F(Authentication, CanBeLeftOut) {
  options_.open_without_key = true;
  const std::string key = std::exchange(key_, "");
  EXPECT_EQ(get(kBatch).status, 404);
  EXPECT_EQ(get(kBatch, {{"X-API-Key", "wrong"}}).status, 401);
  const Reply reply = post_json("/api/v1/transcribe", {{"url", "https://a.example/"}});
  ASSERT_EQ(reply.status, 202);
  EXPECT_EQ(job(reply.json()["job_id"]).owner, "local");
}

}  // namespace
}  // namespace steno::api
