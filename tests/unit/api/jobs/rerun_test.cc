#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/unredacted.h"
#include "unit/api/job_fixture.h"

namespace steno::api {
namespace {

using nlohmann::json;

class Rerun : public JobApiTest {
 protected:
  /// Creates a completed job with these stage outputs.
  std::string heard(const json& options, const std::vector<std::string>& stages) {
    Job job;
    job.options = options.dump();
    job.priority = 7;
    job.metadata = R"({"call":12})";
    const auto id = completed("alice", job);
    for (const auto& stage : stages) {
      EXPECT_TRUE(blob::put_blob(*blobs_, stage_output_key(id, stage), "kept"));
    }
    return id;
  }
  Reply rerun(const std::string& id, const json& changes, RequestHeaders headers = {}) {
    return post_json(path(id, "/rerun"), changes, std::move(headers));
  }
  void lose_audio(const std::string& id) {
    policy_.keep_audio = Milliseconds(1);
    stop();
    clock_.advance(Milliseconds(1000));
    EXPECT_EQ(lifecycle().clean(), 1);
    EXPECT_EQ(job(id).source.blob, "");
  }
};

TEST_F(Rerun, IsAJobOfTheSameRecordingWithOtherOptions) {
  const auto first = heard({{"word_timestamps", true}, {"beam_size", 3}, {"paragraphs", true}},
                           {"words", "voices"});
  const auto reply = rerun(first, {{"diarize", true}, {"num_speakers", 2}, {"paragraphs", false}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  const std::string second = reply.json()["job_id"];
  EXPECT_NE(second, first);
  EXPECT_EQ(reply.json()["rerun_of"], first);
  EXPECT_EQ(reply.header("location"), path(second));
  EXPECT_EQ(last_audit(), "job.rerun " + second + " ok");

  const Job made = job(second);
  EXPECT_EQ(made.state, State::pending);
  EXPECT_EQ(json::parse(made.options), json({{"word_timestamps", true},
                                             {"beam_size", 3},
                                             {"paragraphs", false},
                                             {"diarize", true},
                                             {"num_speakers", 2}}));
  EXPECT_EQ(made.priority, 7);
  EXPECT_EQ(made.metadata, R"({"call":12})");
  EXPECT_EQ(made.model, "base");
  EXPECT_EQ(made.source.name, "call one.wav");
  EXPECT_EQ(get(path(second)).json()["rerun_of"], first);

  EXPECT_NE(made.source.blob, job(first).source.blob);
  EXPECT_EQ(call("DELETE", path(first) + "?purge=true").status, 204);
  EXPECT_EQ(blob::get_blob(*blobs_, made.source.blob, 100).value_or(""), "0123456789");
  EXPECT_EQ(blob_keys(),
            (std::vector<std::string>{made.source.blob, stage_output_key(second, "voices"),
                                      stage_output_key(second, "words")}));
}

TEST_F(Rerun, OwnsTheWordsThatItRedactsUntilItEnds) {
  const auto first = heard({{"word_timestamps", true}}, {"words", "voices"});
  std::vector<std::string> reruns;
  for (int i = 0; i < 4; ++i) {
    reruns.push_back(rerun(first, {{"redact", {"card"}}}).json()["job_id"]);
  }
  EXPECT_EQ(call("DELETE", path(first) + "?purge=true").status, 204);
  const auto has = [this](const std::string& key) {
    return blob::blob_size(*blobs_, key).has_value();
  };
  for (const auto& id : reruns) {
    EXPECT_EQ(blob::get_blob(*blobs_, unredacted_key(id, "words"), 100).value_or(""), "kept");
    EXPECT_TRUE(has(stage_output_key(id, "voices")));
    EXPECT_FALSE(has(stage_output_key(id, "words")));
  }
  auto completes = claim(reruns[0]);
  EXPECT_TRUE(has(unredacted_key(reruns[0], "words")));
  complete(completes);
  auto fails = claim(reruns[1]);
  fail(fails);
  EXPECT_EQ(call("DELETE", path(reruns[2])).status, 200);  // cancelled while it waits
  auto cancelled = claim(reruns[3]);
  EXPECT_EQ(call("DELETE", path(reruns[3])).status, 200);
  for (const auto& id : reruns) EXPECT_FALSE(has(unredacted_key(id, "words"))) << id;
}

TEST_F(Rerun, LeavesNoUnredactedWordsBehindACrash) {
  const auto first = heard({{"word_timestamps", true}}, {"words"});
  const std::string waits = rerun(first, {{"redact", {"card"}}}).json()["job_id"];
  const std::string ended = rerun(first, {{"redact", {"card"}}}).json()["job_id"];
  auto lease = claim(ended);
  complete(lease);
  // A process that ended between the end of the job and the removal.
  ASSERT_TRUE(blob::put_blob(*blobs_, unredacted_key(ended, "words"), "kept"));
  // A submission that is writing its blobs, before its row.
  ASSERT_TRUE(blob::put_blob(*blobs_, unredacted_key("job_new", "words"), "kept"));
  lifecycle().clean();
  const auto keys = blob_keys();
  EXPECT_EQ(std::ranges::count(keys, unredacted_key(waits, "words")), 1);
  EXPECT_EQ(std::ranges::count(keys, unredacted_key(ended, "words")), 0);
  EXPECT_EQ(std::ranges::count(keys, unredacted_key("job_new", "words")), 1);
}

TEST_F(Rerun, IsReplayedWhenTheFirstJobHasBeenPurged) {
  const auto first = heard({{"word_timestamps", true}}, {"words"});
  const RequestHeaders key = {{"Idempotency-Key", "k1"}};
  const auto made = rerun(first, {{"paragraphs", true}}, key);
  ASSERT_EQ(made.status, 202) << made.body;
  ASSERT_EQ(call("DELETE", path(first) + "?purge=true").status, 204);
  const auto blobs = blob_keys();
  const auto again = rerun(first, {{"paragraphs", true}}, key);
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(again.json(), made.json());
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(rerun(first, {{"paragraphs", false}}, key).status, 404);  // another request
  EXPECT_EQ(rerun(first, {{"paragraphs", true}}).status, 404);
  key_ = make_key("mallory", kAllScopes);
  EXPECT_EQ(rerun(first, {{"paragraphs", true}}, key).status, 404);
  EXPECT_EQ(blob_keys(), blobs);
}

TEST_F(Rerun, IsForTheOwnerAlone) {
  const auto id = heard({{"word_timestamps", true}}, {"words"});
  key_ = make_key("mallory", kAllScopes);
  EXPECT_EQ(rerun(id, {{"paragraphs", true}}).status, 404);
  EXPECT_EQ(blob_keys().size(), 3u);
}

TEST_F(Rerun, ChangesOnlyOptionsThatApplyAfterRecognition) {
  const auto id = heard({{"word_timestamps", true}}, {"words"});
  for (const auto& [name, value] : std::vector<std::pair<std::string, json>>{
           {"language", "de"}, {"beam_size", 2}, {"model", "base"}, {"priority", 1}}) {
    const auto reply = rerun(id, {{name, value}});
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(reply.code(), "not_changeable") << name;
    EXPECT_EQ(reply.json()["errors"][0]["path"], "$." + name);
  }
  EXPECT_EQ(rerun(id, {{"audio_base64", "AAAA"}}).code(), "not_changeable");
  EXPECT_EQ(rerun(id, {{"url", "https://a.example/"}}).code(), "not_changeable");
  EXPECT_EQ(rerun(id, {{"diarise", true}}).code(), "unknown_field");
  EXPECT_EQ(rerun(id, {{"num_speakers", 0}}).code(), "out_of_range");
  EXPECT_EQ(rerun(id, {{"num_speakers", 2}}).code(), "contradictory_options");
  EXPECT_EQ(call("POST", path(id, "/rerun"), "[]", {{"Content-Type", "application/json"}}).code(),
            "wrong_type");
  EXPECT_EQ(blob_keys().size(), 3u);  // no blobs of the refused request
}

TEST_F(Rerun, TakesFormsToo) {
  const auto id = heard({{"word_timestamps", true}}, {"words"});
  const auto reply = call("POST", path(id, "/rerun"),
                          "--b\r\nContent-Disposition: form-data; name=\"filler_words\"\r\n\r\n"
                          "false\r\n--b--\r\n",
                          {{"Content-Type", "multipart/form-data; boundary=b"}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(json::parse(job(reply.json()["job_id"]).options)["filler_words"], false);
  EXPECT_EQ(call("POST", path(id, "/rerun")).status, 202);  // the same request again
}

TEST_F(Rerun, OfWhatHasNotEndedIsAConflict) {
  const auto id = submit();
  EXPECT_EQ(rerun(id, {{"diarize", true}}).code(), "job_not_ended");
  EXPECT_EQ(rerun("job_none", {{"diarize", true}}).status, 404);
  key_ = make_key("alice", static_cast<Scopes>(Scope::read));
  EXPECT_EQ(rerun(id, {{"diarize", true}}).status, 403);
}

TEST_F(Rerun, NeedsTheRecordingOnlyWhereTheStagesDoNotDo) {
  const auto id = heard({{"word_timestamps", true}}, {"words"});
  lose_audio(id);
  const auto reply = rerun(id, {{"redact", {"card"}}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(job(reply.json()["job_id"]).source.blob, "");
  EXPECT_EQ(rerun(id, {{"diarize", true}}).code(), "audio_deleted");
  EXPECT_TRUE(blobs_->remove(stage_output_key(id, "words")));
  EXPECT_EQ(rerun(id, {{"redact", {"card"}}}).code(), "audio_deleted");
}

TEST_F(Rerun, FetchesAgainOnlyUntranscribedAudio) {
  Job job;
  job.options = R"({"word_timestamps":true})";
  job.source.url = "https://a.example/talk.mp3";
  job.owner = "alice";
  job.key_id = "key_of_alice";
  const auto unheard = lifecycle().submit({.jobs = {job}}).jobs.at(0).id;
  auto failing = claim(unheard);
  fail(failing);
  const std::string again = rerun(unheard, {{"diarize", true}}).json()["job_id"];
  EXPECT_EQ(this->job(again).source.url, "https://a.example/talk.mp3");

  const auto id = lifecycle().submit({.jobs = {job}}).jobs.at(0).id;
  auto lease = claim(id);
  complete(lease);
  ASSERT_TRUE(blob::put_blob(*blobs_, stage_output_key(id, "words"), "kept"));
  const std::string changed = rerun(id, {{"paragraphs", true}}).json()["job_id"];
  EXPECT_EQ(this->job(changed).source.url, "");
  // the audio at the URL may have changed
  EXPECT_EQ(rerun(id, {{"diarize", true}}).code(), "audio_deleted");
}

TEST_F(Rerun, KeepsTheKnownSpeakersUnlessOthersAreGiven) {
  const json before = {{"word_timestamps", true}, {"diarize", true}, {"known_speakers", {"Ann"}}};
  const auto id = heard(before, {"words", "voices", "known_speakers"});
  const auto kept_of = [&](const Reply& reply) {
    EXPECT_EQ(reply.status, 202) << reply.body;
    const auto key = stage_output_key(std::string(reply.json()["job_id"]), "known_speakers");
    return blob::get_blob(*blobs_, key, 1000).value_or("none");
  };
  EXPECT_EQ(kept_of(rerun(id, {{"paragraphs", true}})), "kept");
  const json others = json::array({{{"name", "Bob"}, {"audio_base64", "AAAA"}}});
  const auto reply = rerun(id, {{"known_speakers", others}});
  EXPECT_EQ(kept_of(reply), others.dump());
  EXPECT_EQ(json::parse(job(reply.json()["job_id"]).options)["known_speakers"], json({"Bob"}));
  EXPECT_EQ(kept_of(rerun(id, {{"known_speakers", json::array()}})), "none");
  EXPECT_EQ(rerun(id, {{"diarize", false}}).code(), "contradictory_options");
  EXPECT_EQ(rerun(id, {{"diarize", false}, {"known_speakers", nullptr}}).status, 202);
  ASSERT_TRUE(blobs_->remove(stage_output_key(id, "known_speakers")));
  EXPECT_EQ(rerun(id, {{"paragraphs", true}}).code(), "known_speakers_deleted");
}

TEST_F(Rerun, IsMadeOnceForAnIdempotencyKey) {
  const auto id = heard({{"word_timestamps", true}}, {"words"});
  const RequestHeaders key = {{"Idempotency-Key", "k1"}};
  const auto first = rerun(id, {{"paragraphs", true}}, key);
  ASSERT_EQ(first.status, 202) << first.body;
  const auto blobs = blob_keys();
  const auto second = rerun(id, {{"paragraphs", true}}, key);
  EXPECT_EQ(second.json(), first.json());
  EXPECT_EQ(second.header("idempotency-replayed"), "true");
  EXPECT_EQ(rerun(id, {{"paragraphs", false}}, key).code(), "idempotency_key_reused");
  EXPECT_EQ(blob_keys(), blobs);
}

TEST_F(Rerun, LeavesNothingWhereTheQueueIsFull) {
  const auto id = heard({{"word_timestamps", true}}, {"words"});
  policy_.limits.in_all = 1;
  stop();
  submit();
  const auto blobs = blob_keys();
  EXPECT_EQ(rerun(id, {{"paragraphs", true}}).code(), "queue_full");
  EXPECT_EQ(blob_keys(), blobs);
}

}  // namespace
}  // namespace steno::api
