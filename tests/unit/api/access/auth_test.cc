// Permissions of keys and scopes, over the real server.

#include "api/access/auth.h"

#include "domain/api_key.h"
#include "unit/api/api_fixture.h"

namespace steno::api {
namespace {

constexpr const char* kBatch = "/api/v1/batches/bat_1";  // 404 after successful authentication
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
  EXPECT_LE(service::KeyRing::kFresh, Milliseconds(500));
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
  host_ = "127.0.0.1:8080";
  const std::string key = std::exchange(key_, "");
  EXPECT_EQ(get(kBatch).status, 404);
  EXPECT_EQ(get(kBatch, {{"X-API-Key", "wrong"}}).status, 401);
  const Reply reply = post_json("/api/v1/transcribe", {{"url", "https://a.example/"}});
  ASSERT_EQ(reply.status, 202);
  EXPECT_EQ(job(reply.json()["job_id"]).owner, "local");
}

class WithoutKey : public ApiTest {
 protected:
  WithoutKey() {
    options_.open_without_key = true;
    key_.clear();
  }
  /// The code of the answer to a page of `origin`, "" if it is accepted.
  std::string refusal(const std::string& host, const std::string& origin = "") {
    host_ = host;
    return get(kBatch, origin.empty() ? RequestHeaders{} : RequestHeaders{{"Origin", origin}})
        .code();
  }
};

TEST_F(WithoutKey, OnlyNamesOfThisMachineLeadHere) {
  for (const char* host : {"localhost", "localhost:80", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:9",
                           "[::1]:8080", "[::1]"}) {
    EXPECT_EQ(refusal(host), "not_found") << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example",
                           "10.0.0.1", "0.0.0.0", "[::2]", "speech.example"}) {
    EXPECT_EQ(refusal(host), "foreign_host") << host;
  }
  host_ = "evil.example";
  const Reply posted = post_json("/api/v1/transcribe", {{"url", "https://a.example/"}});
  EXPECT_EQ(posted.status, 403);
  EXPECT_TRUE(store_->jobs().list({}).empty());
  EXPECT_EQ(get("/health").status, 200);
  key_ = make_key("alice", kAllScopes);  // requests with a key may use any host name
  EXPECT_EQ(refusal("evil.example", "https://evil.example"), "not_found");
}

TEST_F(WithoutKey, PagesOfOtherOriginsAreKeptOut) {
  EXPECT_EQ(refusal("localhost:8080", "http://localhost:8080"), "not_found");
  EXPECT_EQ(refusal("localhost:8080", "http://LOCALHOST:8080"), "not_found");
  for (const char* origin :
       {"null", "http://evil.example", "http://localhost", "http://localhost:8081",
        "https://localhost:8080", "http://127.0.0.1:8080", "http://localhost:8080.evil.example"}) {
    EXPECT_EQ(refusal("localhost:8080", origin), "foreign_origin") << origin;
  }
}

TEST_F(WithoutKey, TheConfiguredAddressAndOriginsAreLetIn) {
  options_.public_url = "https://speech.example/steno";
  options_.cors_origins = {"https://app.example"};
  EXPECT_EQ(refusal("speech.example"), "not_found");
  EXPECT_EQ(refusal("speech.example:81"), "foreign_host");
  EXPECT_EQ(refusal("speech.example", "https://speech.example"), "not_found");
  EXPECT_EQ(refusal("localhost", "https://speech.example"), "not_found");
  EXPECT_EQ(refusal("localhost", "https://app.example"), "not_found");
  EXPECT_EQ(refusal("localhost", "https://else.example"), "foreign_origin");
}

}  // namespace
}  // namespace steno::api
