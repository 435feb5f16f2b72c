// Idempotency-Key over the real server.

#include <gmock/gmock.h>

#include "unit/api/api_fixture.h"

namespace steno::api {
namespace {

using nlohmann::json;

class Idempotency : public ApiTest {
 protected:
  Reply post(const std::string& audio, const std::string& key, const std::string& query = "") {
    return call("POST", kTranscribePath + query, audio,
                {{"Content-Type", "audio/wav"}, {"Idempotency-Key", key}});
  }
};

TEST_F(Idempotency, TheSameGivesTheSameJobAndNothingTwice) {
  const Reply first = post("audio", "k1");
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  clock_.advance(Milliseconds(5000));
  const Reply second = post("audio", "k1");
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(second.json(), first.json());
  EXPECT_EQ(second.header("Location"), first.header("Location"));
  EXPECT_EQ(blob_keys().size(), 1u);
  EXPECT_EQ(store_->jobs().list({}).size(), 1u);
  EXPECT_EQ(store_->audit().list(0, 10).size(), 1u);
}

TEST_F(Idempotency, OtherContentIsRefused) {
  ASSERT_EQ(post("audio", "k1").status, 202);
  for (const Reply& reply : {post("other", "k1"), post("audio", "k1", "?priority=1")}) {
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(reply.code(), "idempotency_key_reused");
  }
  EXPECT_EQ(blob_keys().size(), 1u);
}

TEST_F(Idempotency, KnownSpeakersAreKeptOnceToo) {
  json speakers = json::array({{{"name", "Ann"}, {"audio_base64", "AAAA"}}});
  const auto submit = [&] {
    return post_json(
        kTranscribePath,
        {{"url", "https://a.example/"}, {"diarize", true}, {"known_speakers", speakers}},
        {{"Idempotency-Key", "k1"}});
  };
  const Reply first = submit();
  ASSERT_EQ(first.status, 202) << first.body;
  const std::string key = "stages/" + std::string(first.json()["job_id"]) + "/known_speakers";
  EXPECT_THAT(blob_keys(), testing::ElementsAre(key));
  EXPECT_EQ(blob::get_blob(*blobs_, key, 1000).value_or(""), speakers.dump());
  EXPECT_EQ(submit().json(), first.json());
  EXPECT_THAT(blob_keys(), testing::ElementsAre(key));
  speakers[0]["audio_base64"] = "AAAB";
  EXPECT_EQ(submit().code(), "idempotency_key_reused");
  EXPECT_THAT(blob_keys(), testing::ElementsAre(key));
}

TEST_F(Idempotency, KeysBelongToTheirOwners) {
  const Reply first = post("audio", "k1");
  key_ = make_key("bob", kAllScopes);
  const Reply second = post("audio", "k1");
  EXPECT_EQ(second.status, 202);
  EXPECT_NE(second.json()["job_id"], first.json()["job_id"]);
}

TEST_F(Idempotency, WhileTheFirstIsBeingReceivedTheSecondIsAConflict) {
  Connection slow(address());
  slow.send("POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key_ +
            "\r\nContent-Type: audio/wav\r\nIdempotency-Key: k1\r\nContent-Length: 5\r\n"
            "Expect: 100-continue\r\n\r\n");
  slow.read_until([](const std::string& all) { return all.find("100 Continue") != all.npos; });
  const Reply second = post("audio", "k1");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.code(), "idempotency_in_progress");
  EXPECT_EQ(second.header("Retry-After"), "1");
  slow.send("audio");
  const Reply first = slow.reply();
  EXPECT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(post("audio", "k1").json(), first.json());
}

TEST_F(Idempotency, ABatchIsReplayedAsAWhole) {
  const json urls = {{"urls", {"https://a.example/1", "https://a.example/2"}}};
  const Reply first = post_json(kTranscribePath, urls, {{"Idempotency-Key", "k"}});
  ASSERT_EQ(first.status, 202);
  const Reply second = post_json(kTranscribePath, urls, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(second.json(), first.json());
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  const json one = {{"url", "https://a.example/1"}};
  EXPECT_EQ(post_json(kTranscribePath, one, {{"Idempotency-Key", "k"}}).status, 422);
}

TEST_F(Idempotency, WhatWasRefusedCanBeSentAgain) {
  EXPECT_EQ(post("audio", "k1", "?model=nothing").status, 422);
  EXPECT_EQ(post("audio", "k1").status, 202);
}

TEST_F(Idempotency, KeysAreShortVisibleText) {
  for (const std::string& key : {std::string(256, 'x'), std::string("a b"), std::string()}) {
    EXPECT_EQ(post("audio", key).code(), "invalid_idempotency_key") << key;
  }
}

}  // namespace
}  // namespace steno::api
