// Resumable uploads over the real server.

#include "jobs/expired_uploads.h"
#include "unit/api/api_fixture.h"
#include "unit/blob/full_disk.h"
#include "unit/jobs/recording_store.h"

namespace steno::api {
namespace {

using nlohmann::json;

constexpr const char* kUploads = "/api/v1/uploads";

/// A store whose audit log cannot be written while it is `broken`.
/// Jobs that cannot be submitted for a while.
class BusyJobs : public RecordingJobs {
 public:
  using RecordingJobs::RecordingJobs;
  std::atomic<bool> is_busy = false;
  Creation submit(const JobSubmission& submission, std::span<const Event> events,
                  const SubmissionRules& rules) override {
    if (is_busy) throw StoreError(StoreError::Kind::busy, "busy");
    return RecordingJobs::submit(submission, events, rules);
  }
};

class BusyStore : public RecordingStore {
 public:
  explicit BusyStore(std::unique_ptr<Store> store)
      : RecordingStore(std::move(store)), busy_jobs_(RecordingStore::jobs()) {}
  BusyJobs& jobs() override { return busy_jobs_; }

 private:
  BusyJobs busy_jobs_;
};

class Uploading : public ApiTest {
 protected:
  Reply tus(const std::string& method, const std::string& target, RequestHeaders headers = {},
            const std::string& body = "") {
    headers.emplace_back("Tus-Resumable", "1.0.0");
    if (!body.empty()) headers.emplace_back("Content-Type", "application/offset+octet-stream");
    return call(method, target, body, std::move(headers));
  }
  std::string begin(size_t length, const std::string& metadata = "filename dGFsay5tcDM=") {
    const Reply reply =
        tus("POST", kUploads,
            {{"Upload-Length", std::to_string(length)}, {"Upload-Metadata", metadata}});
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.header("Location");
  }
  Reply append(const std::string& place, size_t offset, const std::string& bytes,
               RequestHeaders headers = {}) {
    headers.emplace_back("Upload-Offset", std::to_string(offset));
    return tus("PATCH", place, std::move(headers), bytes);
  }
  std::string offset(const std::string& place) {
    return tus("HEAD", place).header("Upload-Offset");
  }
  static std::string id_of(const std::string& place) { return place.substr(place.rfind('/') + 1); }
  Reply submit(const std::string& place, RequestHeaders headers = {}) {
    return post_json("/api/v1/transcribe", {{"upload_id", id_of(place)}}, std::move(headers));
  }
};

TEST_F(Uploading, IsDiscovered) {
  key_.clear();
  const Reply reply = call("OPTIONS", kUploads);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.header("Tus-Version"), "1.0.0");
  EXPECT_EQ(reply.header("Tus-Resumable"), "1.0.0");
  EXPECT_EQ(reply.header("Tus-Extension"),
            "creation,creation-with-upload,checksum,expiration,termination");
  EXPECT_EQ(reply.header("Tus-Checksum-Algorithm"), "sha1,sha256");
  EXPECT_EQ(reply.header("Tus-Max-Size"), std::to_string(options_.max_upload_bytes));
}

TEST_F(Uploading, GoesOnWhereItBrokeOffAndBecomesAJob) {
  const std::string place = begin(10);
  EXPECT_EQ(offset(place), "0");
  const Reply first = append(place, 0, "01234");
  EXPECT_EQ(first.status, 204) << first.body;
  EXPECT_EQ(first.header("Upload-Offset"), "5");
  EXPECT_FALSE(first.header("Upload-Expires").empty());
  EXPECT_EQ(submit(place).code(), "upload_incomplete");
  stop();  // and starts again
  EXPECT_EQ(offset(place), "5");
  EXPECT_EQ(append(place, 5, "56789").status, 204);
  EXPECT_EQ(get(place).json().at("complete"), true);

  const Reply submitted = submit(place);
  ASSERT_EQ(submitted.status, 202) << submitted.body;
  const Job made = job(submitted.json().at("job_id"));
  EXPECT_EQ(blob::get_blob(*blobs_, made.source.blob, 100), "0123456789");
  EXPECT_EQ(made.source.name, "talk.mp3");
  EXPECT_EQ(made.source.bytes, 10);
}

TEST_F(Uploading, ServesOneJobAndSaysWhich) {
  const std::string place = begin(4);
  append(place, 0, "data");
  const Reply first = submit(place, {{"Idempotency-Key", "k"}});
  ASSERT_EQ(first.status, 202) << first.body;
  const Reply other = submit(place);
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.code(), "upload_consumed");
  EXPECT_NE(other.body.find(first.json()["job_id"].get<std::string>()), std::string::npos);
  const Reply again = submit(place, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(again.json(), first.json());
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(tus("DELETE", place).status, 409);
  EXPECT_EQ(blob_keys().size(), 1u);
}

TEST_F(Uploading, CanBeSubmittedAgainWhenItsSubmissionFailed) {
  auto owned = std::make_unique<BusyStore>(std::move(store_));
  BusyStore& store = *owned;
  store_ = std::move(owned);
  const std::string place = begin(4);
  append(place, 0, "data");
  store.jobs().is_busy = true;
  EXPECT_EQ(submit(place).code(), "database_busy");
  store.jobs().is_busy = false;
  EXPECT_EQ(blob::get_blob(*blobs_, "audio/" + id_of(place), 100), "data");
  EXPECT_TRUE(store_->jobs().list({}).empty());
  for (const auto& entry : store_->audit().list(0, 10)) EXPECT_NE(entry.action, "job.submit");
  const Reply again = submit(place);
  EXPECT_EQ(again.status, 202) << again.body;

  const std::string id = again.json().at("job_id");
  ASSERT_TRUE(lifecycle().cancel(id));
  ASSERT_TRUE(lifecycle().purge(id));
  EXPECT_EQ(submit(place).code(), "upload_consumed");  // not a job without audio
}

TEST_F(Uploading, TakesTheFirstBytesWithItsCreation) {
  const Reply reply = tus("POST", kUploads, {{"Upload-Length", "6"}}, "abc");
  EXPECT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.header("Upload-Offset"), "3");
  EXPECT_EQ(append(reply.header("Location"), 3, "def").status, 204);
  EXPECT_EQ(submit(reply.header("Location")).status, 202);
}

TEST_F(Uploading, RefusesWhatDoesNotFit) {
  const std::string place = begin(10);
  append(place, 0, "01234");
  const Reply wrong = append(place, 3, "x");
  EXPECT_EQ(wrong.status, 409);
  EXPECT_EQ(wrong.header("Upload-Offset"), "5");
  EXPECT_EQ(append(place, 5, "too many bytes").status, 413);
  EXPECT_EQ(offset(place), "5");
  EXPECT_EQ(call("PATCH", place, "x", {{"Tus-Resumable", "1.0.0"}, {"Upload-Offset", "5"}}).status,
            415);
  EXPECT_EQ(tus("PATCH", place, {{"Upload-Offset", "-1"}}, "x").status, 400);
  EXPECT_EQ(tus("PATCH", place, {}, "x").status, 400);
  const Reply old = call("PATCH", place, "x", {{"Tus-Resumable", "0.2.2"}});
  EXPECT_EQ(old.status, 412);
  EXPECT_EQ(old.header("Tus-Version"), "1.0.0");
  EXPECT_EQ(call("DELETE", place).status, 412);
}

TEST_F(Uploading, RefusesBadCreations) {
  options_.max_upload_bytes = 100;
  const std::pair<RequestHeaders, int> cases[] = {
      {{}, 400},
      {{{"Upload-Length", "0"}}, 400},
      {{{"Upload-Length", "x"}}, 400},
      {{{"Upload-Defer-Length", "1"}}, 400},
      {{{"Upload-Length", "101"}}, 413},
      {{{"Upload-Length", "5"}, {"Upload-Metadata", "a ???"}}, 400},
  };
  for (const auto& [headers, status] : cases) {
    EXPECT_EQ(tus("POST", kUploads, headers).status, status);
  }
  EXPECT_TRUE(store_->uploads().all().empty());
}

TEST_F(Uploading, ChecksSumsAndKeepsNothingOfAWrongChunk) {
  const std::string place = begin(6);
  const std::string abc = "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
  EXPECT_EQ(append(place, 0, "abc", {{"Upload-Checksum", abc}}).status, 204);
  const Reply wrong = append(place, 3, "abd", {{"Upload-Checksum", abc}});
  EXPECT_EQ(wrong.status, 460);
  EXPECT_EQ(wrong.code(), "checksum_mismatch");
  EXPECT_EQ(offset(place), "3");
  EXPECT_EQ(append(place, 3, "abc", {{"Upload-Checksum", "md5 xx=="}}).status, 400);
  EXPECT_EQ(append(place, 3, "abc",
                   {{"Upload-Checksum", "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}})
                .status,
            204);
  EXPECT_EQ(blob::get_blob(*blobs_, "audio/" + id_of(place), 100), "abcabc");
}

TEST_F(Uploading, KeepsWhatCameBeforeTheConnectionBroke) {
  const std::string place = begin(2'000'000);
  {
    Connection connection(address());
    connection.send("PATCH " + place + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key_ +
                    "\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                    "Content-Type: application/offset+octet-stream\r\n"
                    "Content-Length: 2000000\r\n\r\n" +
                    std::string(1'000'000, 'x'));
  }
  EXPECT_TRUE(eventually([&] { return offset(place) == "1000000"; })) << offset(place);
  EXPECT_TRUE(eventually(
      [&] { return append(place, 1'000'000, std::string(1'000'000, 'y')).status == 204; }));
}

TEST_F(Uploading, LetsOneRequestSendAtATime) {
  const std::string place = begin(5);
  Connection slow(address());
  slow.send("PATCH " + place + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key_ +
            "\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nExpect: 100-continue\r\n"
            "Content-Type: application/offset+octet-stream\r\nContent-Length: 5\r\n\r\n");
  slow.read_until([](const std::string& all) { return all.find("100 Continue") != all.npos; });
  EXPECT_EQ(append(place, 0, "other").status, 423);
  EXPECT_EQ(tus("DELETE", place).status, 423);
  slow.send("first");
  EXPECT_EQ(slow.reply().status, 204);
  EXPECT_EQ(offset(place), "5");
}

TEST_F(Uploading, IsOneOfSoManyOfAKey) {
  options_.max_uploads_per_key = 2;
  const std::string used = begin(4);
  append(used, 0, "data");
  const std::string deleted = begin(4);
  const Reply third = tus("POST", kUploads, {{"Upload-Length", "4"}});
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.code(), "too_many_uploads");
  EXPECT_FALSE(third.header("Retry-After").empty());
  ASSERT_EQ(submit(used).status, 202);  // a job's now
  begin(4);
  EXPECT_EQ(tus("POST", kUploads, {{"Upload-Length", "4"}}).status, 429);
  EXPECT_EQ(tus("DELETE", deleted).status, 204);
  begin(4);
  key_ = make_key("bob", kAllScopes);
  begin(4);
}

TEST_F(Uploading, BelongsToItsOwner) {
  const std::string place = begin(4);
  append(place, 0, "data");
  key_ = make_key("bob", kAllScopes);
  EXPECT_EQ(tus("HEAD", place).status, 404);
  EXPECT_EQ(get(place).status, 404);
  EXPECT_EQ(append(place, 0, "x").status, 404);
  EXPECT_EQ(tus("DELETE", place).status, 404);
  EXPECT_EQ(submit(place).status, 404);
  EXPECT_EQ(submit(place).code(), "unknown_upload");
}

TEST_F(Uploading, IsThrownAway) {
  const std::string place = begin(4);
  append(place, 0, "data");
  EXPECT_EQ(tus("DELETE", place).status, 204);
  EXPECT_EQ(tus("HEAD", place).status, 404);
  EXPECT_TRUE(blob_keys().empty());
}

TEST_F(Uploading, Expires) {
  const std::string partial = begin(4);
  append(partial, 0, "da");
  const std::string whole = begin(4);
  append(whole, 0, "data");
  const std::string used = begin(4);
  append(used, 0, "data");
  const Job made = job(submit(used).json().at("job_id"));
  clock_.advance(options_.upload_ttl + Milliseconds(1));
  EXPECT_EQ(tus("HEAD", partial).status, 410);
  EXPECT_EQ(append(partial, 2, "ta").status, 410);
  EXPECT_EQ(submit(whole).status, 404);
  EXPECT_EQ(remove_expired_uploads(*store_, *blobs_, clock_.now()), 3);
  EXPECT_EQ(sweep_staging(*store_, *staging_, clock_.now()).value(), 1u);
  EXPECT_EQ(tus("HEAD", partial).status, 404);
  EXPECT_EQ(blob_keys(), std::vector<std::string>{made.source.blob});
}

TEST_F(Uploading, ThatWasUsedIsRememberedAsLongAsKeysAre) {
  options_.upload_ttl = std::chrono::hours(1);
  options_.idempotency_ttl = std::chrono::hours(2);
  const std::string place = begin(4);
  append(place, 0, "data");
  EXPECT_EQ(store_->uploads().find(id_of(place))->expires_at, clock_.now() + std::chrono::hours(1));
  ASSERT_EQ(submit(place).status, 202);
  clock_.advance(std::chrono::hours(2) - Milliseconds(1));
  EXPECT_EQ(submit(place).code(), "upload_consumed");
  clock_.advance(Milliseconds(1));
  EXPECT_EQ(submit(place).code(), "unknown_upload");
}

/// Does something while a submission looks whether there is room: it has found its upload by then.
class Meanwhile : public FullDisk {
 public:
  using FullDisk::FullDisk;
  std::function<void()> what;

  Result<std::optional<std::uint64_t>> free_bytes() override {
    if (const auto now = std::exchange(what, {})) now();
    return FullDisk::free_bytes();
  }
};

TEST_F(Uploading, ThatExpiresWhileItIsSubmittedIsNoJobs) {
  auto disk = std::make_unique<Meanwhile>(blob::make_memory_store());
  auto& meanwhile = disk->what;
  blobs_ = std::move(disk);
  const std::string place = begin(4);
  append(place, 0, "data");
  meanwhile = [this] {
    clock_.advance(options_.upload_ttl + Milliseconds(1));
    EXPECT_EQ(remove_expired_uploads(*store_, *blobs_, clock_.now()), 1);
  };
  const Reply reply = submit(place);
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.code(), "unknown_upload");
  EXPECT_TRUE(store_->jobs().list({}).empty());
  EXPECT_TRUE(blob_keys().empty());
}

TEST_F(Uploading, ThatAJobTookExpiresWithoutItsAudio) {
  const std::string place = begin(4);
  append(place, 0, "data");
  ASSERT_EQ(submit(place).status, 202);
  const auto row = store_->uploads().find(id_of(place));
  EXPECT_EQ(remove_expired_uploads(*store_, *blobs_, row->expires_at + Milliseconds(1)), 1);
  EXPECT_EQ(blob_keys().size(), 1u);
}

}  // namespace
}  // namespace steno::api
