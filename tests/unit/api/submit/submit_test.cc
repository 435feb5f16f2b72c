// POST /api/v1/transcribe over the real server.

#include <thread>

#include "unit/api/api_fixture.h"
#include "unit/blob/stuck_disk.h"

namespace steno::api {
namespace {

using nlohmann::json;

const std::string kAudio = "RIFF....not really audio";

using Part = std::pair<std::string, std::string>;  // the header's tail and the content

std::string form(const std::vector<Part>& parts) {
  std::string body;
  for (const auto& [header, content] : parts) {
    body += "--XX\r\nContent-Disposition: form-data; " + header + "\r\n\r\n" + content + "\r\n";
  }
  return body + "--XX--\r\n";
}

class Submit : public ApiTest {
 protected:
  Reply post(const std::string& body, const std::string& type, const std::string& query = "",
             RequestHeaders headers = {}) {
    headers.emplace_back("Content-Type", type);
    return call("POST", kTranscribePath + query, body, std::move(headers));
  }
  Reply post_form(const std::vector<Part>& parts, RequestHeaders headers = {}) {
    return post(form(parts), "multipart/form-data; boundary=XX", "", std::move(headers));
  }
  std::string stored(const std::string& blob) {
    return blob::get_blob(*blobs_, blob, 10'000'000).value_or("");
  }
};

TEST_F(Submit, TakesAUrl) {
  const Reply reply =
      post_json(kTranscribePath, {{"url", "https://a.example/b.mp3"}, {"priority", 7}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  const json answer = reply.json();
  EXPECT_EQ(answer.at("status"), "pending");
  EXPECT_TRUE(answer.contains("message"));
  const Job made = job(answer.at("job_id"));
  EXPECT_EQ(reply.header("Location"), "/api/v1/jobs/" + made.id);
  EXPECT_EQ(answer.at("created_at"), to_iso8601(made.created_at));
  EXPECT_EQ(made.source.url, "https://a.example/b.mp3");
  EXPECT_EQ(made.owner, "alice");
  EXPECT_EQ(made.priority, 7);
  EXPECT_EQ(made.model, "base");
  EXPECT_EQ(made.max_attempts, 3);
}

TEST_F(Submit, TakesBase64InJson) {
  const Reply reply = post_json(kTranscribePath, {{"blob", "aGVsbG8="}, {"model", "tiny.en"}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  const Job made = job(reply.json().at("job_id"));
  EXPECT_EQ(stored(made.source.blob), "hello");
  EXPECT_EQ(made.source.bytes, 5);
  EXPECT_EQ(made.model, "tiny.en");
}

TEST_F(Submit, TakesAFormWithFieldsBeforeAndAfterTheFile) {
  const Reply reply = post_form({{"name=\"priority\"", "2"},
                                 {"name=\"file\"; filename=\"C:\\\\x\\\\talk.wav\"", kAudio},
                                 {"name=\"language\"", "he"}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  const Job made = job(reply.json().at("job_id"));
  EXPECT_EQ(made.priority, 2);
  EXPECT_EQ(json::parse(made.options).at("language"), "he");
  EXPECT_EQ(made.source.name, "talk.wav");
  EXPECT_EQ(stored(made.source.blob), kAudio);
}

TEST_F(Submit, TakesARawBodyWithFieldsInTheQuery) {
  const std::string large(3'000'000, 'x');
  const Reply reply = post(large, "audio/wav", "?priority=1&recording_id=r%201");
  ASSERT_EQ(reply.status, 202) << reply.body;
  const Job made = job(reply.json().at("job_id"));
  EXPECT_EQ(made.recording_id, "r 1");
  EXPECT_EQ(made.source.bytes, 3'000'000);
  EXPECT_EQ(stored(made.source.blob), large);
}

TEST_F(Submit, TakesFieldsInTheQueryAloneAndNoneTwice) {
  const Reply reply =
      call("POST", std::string(kTranscribePath) + "?url=https://a.example/b&priority=4");
  ASSERT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(job(reply.json().at("job_id")).priority, 4);
  const Reply twice = call("POST", std::string(kTranscribePath) + "?priority=4",
                           R"({"url": "https://a.example/b", "priority": 4})",
                           {{"Content-Type", "application/json"}});
  EXPECT_EQ(twice.code(), "duplicate_field");
}

TEST_F(Submit, TakesABodyWithoutALength) {
  Connection connection(address());
  connection.send("POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key_ +
                  "\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  const Reply reply = connection.reply();
  ASSERT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(stored(job(reply.json().at("job_id")).source.blob), "hello world");
}

TEST_F(Submit, HasAnOlderPathForForms) {
  const Reply reply = call("POST", "/api/v1/transcribe/upload",
                           form({{"name=\"file\"; filename=\"a.wav\"", kAudio}}),
                           {{"Content-Type", "multipart/form-data; boundary=XX"}});
  EXPECT_EQ(reply.status, 202) << reply.body;
}

TEST_F(Submit, MakesABatchOfSeveralFiles) {
  const Reply reply = post_form(
      {{"name=\"file\"; filename=\"a.wav\"", "one"}, {"name=\"file\"; filename=\"b.wav\"", "two"}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  const json answer = reply.json();
  ASSERT_EQ(answer.at("jobs").size(), 2u);
  EXPECT_EQ(stored(job(answer["jobs"][1]["job_id"]).source.blob), "two");
  EXPECT_EQ(job(answer["jobs"][0]["job_id"]).batch_id, answer.at("batch_id"));
  EXPECT_EQ(reply.header("Location"), "/api/v1/batches/" + answer["batch_id"].get<std::string>());

  const Reply batch = get(reply.header("Location"));
  ASSERT_EQ(batch.status, 200) << batch.body;
  EXPECT_EQ(batch.json().at("total"), 2);
  EXPECT_EQ(batch.json().at("counts").at("pending"), 2);
  EXPECT_EQ(batch.json().at("done"), false);
  key_ = make_key("bob", kAllScopes);
  EXPECT_EQ(get(reply.header("Location")).status, 404);
}

TEST_F(Submit, MakesABatchOfUrls) {
  const Reply reply =
      post_json(kTranscribePath, {{"urls", {"https://a.example/1", "https://a.example/2"}}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(job(reply.json()["jobs"][1]["job_id"]).source.url, "https://a.example/2");
}

TEST_F(Submit, SaysEverythingThatIsWrong) {
  const Reply reply =
      post_json(kTranscribePath,
                {{"url", "https://a.example/b"}, {"priority", 12}, {"diarize", 3}, {"nope", 1}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json().at("errors").size(), 3u) << reply.body;
}

TEST_F(Submit, RefusesWhatIsMalformed) {
  const std::tuple<const char*, const char*, int, const char*> cases[] = {
      {"{", "application/json", 400, "invalid_json"},
      {R"({"url":"a","url":"b"})", "application/json", 400, "invalid_json"},
      {"[]", "application/json", 422, "wrong_type"},
      {R"({"blob":"???"})", "application/json", 422, "invalid_base64"},
      {R"({"blob":""})", "application/json", 422, "empty_audio"},
      {"", "audio/wav", 422, "empty_audio"},
      {"x", "text/plain", 415, "unsupported_media_type"},
      {"x", "multipart/form-data", 400, "malformed_form"},
      {"--XX\r\n", "multipart/form-data; boundary=XX", 400, "malformed_form"},
      {"--XX--\r\n", "multipart/form-data; boundary=XX", 422, "no_audio_source"},
  };
  for (const auto& [body, type, status, code] : cases) {
    const Reply reply = post(body, type);
    EXPECT_EQ(reply.status, status) << body;
    EXPECT_EQ(reply.code(), code) << body;
  }
  EXPECT_EQ(post("x", "audio/wav", "?priority=x").code(), "wrong_type");
  EXPECT_EQ(post("x", "audio/wav", "?url=https://a.example/").code(), "several_audio_sources");
  EXPECT_EQ(post_form({{"name=\"other\"; filename=\"a\"", "x"}}).code(), "unknown_field");
  EXPECT_EQ(post_form({{"name=\"file\"; filename=\"a\"", ""}}).code(), "empty_audio");
  EXPECT_TRUE(eventually([&] { return blob_keys().empty(); }));
}

TEST_F(Submit, LeavesNoBlobBehindAnError) {
  EXPECT_EQ(post(std::string(1'000'000, 'x'), "audio/wav", "?model=nothing").code(),
            "unknown_model");
  EXPECT_EQ(post_form({{"name=\"file\"; filename=\"a\"", std::string(1'000'000, 'x')},
                       {"name=\"priority\"", "99"}})
                .code(),
            "out_of_range");
  EXPECT_TRUE(blob_keys().empty());
  EXPECT_TRUE(store_->jobs().list({}).empty());
}

TEST_F(Submit, LeavesNothingOfAClientThatGoesAway) {
  {
    Connection connection(address());
    connection.send("POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key_ +
                    "\r\nContent-Type: audio/wav\r\nContent-Length: 4000000\r\n\r\n" +
                    std::string(2'000'000, 'x'));
  }
  EXPECT_EQ(get("/openapi.json").status, 200);
  EXPECT_TRUE(blob_keys().empty());
  EXPECT_TRUE(store_->jobs().list({}).empty());
}

TEST_F(Submit, NamesTheModelsThatAreInstalled) {
  for (const char* model : {"large-v3", "../base", "/etc", ".", "base/../base"}) {
    const Reply reply =
        post_json(kTranscribePath, {{"url", "https://a.example/b"}, {"model", model}});
    EXPECT_EQ(reply.status, 422) << model;
    EXPECT_EQ(reply.code(), "unknown_model") << model;
    EXPECT_NE(reply.body.find("base, tiny.en"), std::string::npos) << reply.body;
  }
}

TEST_F(Submit, LimitsTheSizeOfARecording) {
  options_.max_upload_bytes = 1000;
  EXPECT_EQ(post(std::string(1001, 'x'), "audio/wav").code(), "audio_too_large");
  EXPECT_EQ(post_form({{"name=\"file\"; filename=\"a\"", std::string(1001, 'x')}}).status, 413);
  EXPECT_EQ(post(std::string(1000, 'x'), "audio/wav").status, 202);
}

TEST_F(Submit, LimitsAudioInJsonAndRecommendsAnotherWay) {
  const std::string most(((std::size_t{64} << 20) / 3 + 1) * 4, 'A');
  const Reply reply = post(R"({"blob":")" + most + "\"}", "application/json");
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.code(), "inline_audio_too_large");
  EXPECT_NE(reply.body.find("multipart"), std::string::npos);
}

TEST_F(Submit, SaysThatTheDiskIsFull) {
  blobs_ = blob::make_memory_store(2'000'000);
  const Reply reply = post(std::string(3'000'000, 'x'), "audio/wav");
  EXPECT_EQ(reply.status, 507);
  EXPECT_EQ(reply.code(), "insufficient_storage");
  EXPECT_TRUE(eventually([&] { return blob_keys().empty(); }));
  EXPECT_EQ(post(std::string(1'000'000, 'x'), "audio/wav").status, 202);
}

TEST_F(Submit, ADiskThatIsSlowHoldsUpNoOtherRequest) {
  auto disk = std::make_unique<StuckDisk>(std::move(blobs_));
  StuckDisk& stuck = *disk;
  blobs_ = std::move(disk);
  start();
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([this] { EXPECT_EQ(post(kAudio, "audio/wav").status, 202); });
  }
  EXPECT_TRUE(eventually([&] { return stuck.waiting == 2; }));  // all threads of the pool
  EXPECT_EQ(get("/api/v1/jobs").status, 200);
  stuck.let_go();
}

TEST_F(Submit, KeepsTheReserveOfTheDisk) {
  blobs_ = blob::make_memory_store(2'000'000);
  options_.min_free_disk_bytes = 1'500'000;
  EXPECT_EQ(post(std::string(1'000'000, 'x'), "audio/wav").status, 507);
  EXPECT_EQ(post(std::string(100'000, 'x'), "audio/wav").status, 202);
}

TEST_F(Submit, SaysThatTheQueueIsFull) {
  policy_.limits.in_all = 2;
  policy_.limits.per_owner = 1;
  EXPECT_EQ(post("x", "audio/wav").status, 202);
  const Reply own = post("x", "audio/wav");
  EXPECT_EQ(own.status, 429);
  EXPECT_EQ(own.code(), "owner_queue_full");
  EXPECT_FALSE(own.header("Retry-After").empty());
  key_ = make_key("bob", kAllScopes);
  EXPECT_EQ(post("x", "audio/wav").status, 202);
  key_ = make_key("eve", kAllScopes);
  EXPECT_EQ(post("x", "audio/wav").code(), "queue_full");
  EXPECT_EQ(blob_keys().size(), 2u);
}

TEST_F(Submit, RefusesBeforeTheBodyComes) {
  policy_.limits.in_all = 1;
  const auto status_of = [&](const std::string& header) {
    Connection connection(address());
    connection.send("POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key_ +
                    "\r\nContent-Type: audio/wav\r\nExpect: 100-continue\r\n" + header + "\r\n");
    const std::string answer =
        connection.read_until([](const std::string& all) { return all.find("\r\n") != all.npos; });
    return answer.substr(0, answer.find("\r\n"));
  };
  EXPECT_EQ(status_of("Content-Length: 9\r\n"), "HTTP/1.1 100 Continue");
  EXPECT_EQ(post("x", "audio/wav", "", {{"Idempotency-Key", "k"}}).status, 202);
  EXPECT_EQ(status_of("Content-Length: 9\r\n"), "HTTP/1.1 429 Too Many Requests");
  EXPECT_EQ(status_of("Transfer-Encoding: chunked\r\n"), "HTTP/1.1 429 Too Many Requests");
  // A repeated submission is answered even now.
  EXPECT_EQ(post("x", "audio/wav", "", {{"Idempotency-Key", "k"}}).status, 202);
  stop();
  policy_.limits.in_all = 0;
  blobs_ = blob::make_memory_store(2'000'000);
  EXPECT_EQ(status_of("Content-Length: 3000000\r\n"), "HTTP/1.1 507 Insufficient Storage");
}

TEST_F(Submit, TakesABatchWholeOrNotAtAll) {
  policy_.limits.in_all = 2;
  const Reply reply = post_form({{"name=\"file\"; filename=\"a\"", "1"},
                                 {"name=\"file\"; filename=\"b\"", "2"},
                                 {"name=\"file\"; filename=\"c\"", "3"}});
  EXPECT_EQ(reply.status, 429);
  EXPECT_TRUE(blob_keys().empty());
  EXPECT_TRUE(store_->jobs().list({}).empty());
}

TEST_F(Submit, RecordsEachSubmission) {
  const std::string id =
      post("x", "audio/wav", "", {{"X-Request-Id", "my-request"}}).json()["job_id"];
  const auto entries = store_->audit().list(0, 10);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].action, "job.submit");
  EXPECT_EQ(entries[0].subject, id);
  EXPECT_EQ(entries[0].actor, job(id).key_id);
  EXPECT_EQ(entries[0].address, "127.0.0.1");
  EXPECT_EQ(entries[0].request_id, "my-request");
}

TEST_F(Submit, KeepsToTheServicesLimitOfTime) {
  options_.time_limit = std::chrono::seconds(100);
  const auto with = [&](int seconds) {
    return post_json(kTranscribePath, {{"url", "https://a.example/b"}, {"time_limit", seconds}});
  };
  EXPECT_EQ(with(101).code(), "out_of_range");
  EXPECT_EQ(job(with(50).json()["job_id"]).time_limit, std::chrono::seconds(50));
  EXPECT_EQ(job(post("x", "audio/wav").json()["job_id"]).time_limit, std::chrono::seconds(100));
}

}  // namespace
}  // namespace steno::api
