#include <gmock/gmock.h>

#include "domain/api_key.h"
#include "unit/api/job_fixture.h"

namespace steno::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using KeyRoutes = JobApiTest;

TEST_F(KeyRoutes, AKeyIsShownOnceAndWorks) {
  const auto made = post_json("/api/v1/keys", {{"name", "call centre"}, {"owner", "bob"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("cache-control"), "no-store");
  const std::string key = made.json()["key"];
  const std::string id = made.json()["key_id"];
  EXPECT_TRUE(is_api_key(key));
  EXPECT_EQ(made.json()["scopes"], nlohmann::json({"submit", "read"}));
  EXPECT_EQ(last_audit(), "key.create " + id + " ok");
  const auto list = get("/api/v1/keys");
  EXPECT_THAT(list.body, HasSubstr(id));
  EXPECT_THAT(list.body, Not(HasSubstr(key)));
  EXPECT_THAT(list.body, Not(HasSubstr("hash")));
  key_ = key;
  EXPECT_EQ(get("/api/v1/jobs").status, 200);
  EXPECT_EQ(get("/api/v1/keys").status, 403);
}

TEST_F(KeyRoutes, ARevokedKeyFails) {
  const auto made = post_json("/api/v1/keys", {{"name", "n"}}).json();
  const std::string id = made["key_id"];
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + id).status, 204);
  EXPECT_EQ(last_audit(), "key.revoke " + id + " ok");
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + id).code(), "key_revoked");
  EXPECT_EQ(call("DELETE", "/api/v1/keys/key_none").status, 404);
  EXPECT_EQ(call("POST", "/api/v1/keys/" + id + "/rotate").code(), "key_revoked");
  key_ = made["key"];
  EXPECT_EQ(get("/api/v1/jobs").status, 401);
}

TEST_F(KeyRoutes, ARotatedKeyWorksUntilTheGraceIsOver) {
  const auto old = post_json("/api/v1/keys", {{"name", "n"}, {"scopes", {"read"}}}).json();
  const auto rotate = "/api/v1/keys/" + old["key_id"].get<std::string>() + "/rotate";
  const auto fresh = post_json(rotate, {{"grace_seconds", 60}});
  ASSERT_EQ(fresh.status, 201) << fresh.body;
  EXPECT_EQ(fresh.json()["owner"], old["owner"]);
  EXPECT_EQ(fresh.json()["scopes"], nlohmann::json({"read"}));
  EXPECT_NE(fresh.json()["key"], old["key"]);
  key_ = old["key"];
  EXPECT_EQ(get("/api/v1/jobs").status, 200);
  clock_.advance(Milliseconds(61'000));
  EXPECT_EQ(get("/api/v1/jobs").status, 401);
  key_ = fresh.json()["key"];
  EXPECT_EQ(get("/api/v1/jobs").status, 200);
}

// As JSON Schema, which the document uses, counts them.
TEST_F(KeyRoutes, TakeWholeNumbersAndLengthsAsTheDocumentCountsThem) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "\xC3\xA4";
  const auto made = post_json("/api/v1/keys", {{"name", name}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(post_json("/api/v1/keys", {{"name", name + "a"}}).code(), "invalid_text");
  const auto rotate = "/api/v1/keys/" + made.json()["key_id"].get<std::string>() + "/rotate";
  EXPECT_EQ(call("POST", rotate, R"({"grace_seconds": 60.5})").code(), "wrong_type");
  EXPECT_EQ(call("POST", rotate, R"({"grace_seconds": 1e300})").code(), "out_of_range");
  EXPECT_EQ(call("POST", rotate, R"({"grace_seconds": 60.0})").status, 201);
}

TEST_F(KeyRoutes, RefuseWhatIsNotRight) {
  EXPECT_EQ(post_json("/api/v1/keys", nlohmann::json::object()).code(), "missing_field");
  EXPECT_EQ(post_json("/api/v1/keys", {{"name", "n"}, {"scopes", {"root"}}}).code(),
            "not_a_choice");
  EXPECT_EQ(post_json("/api/v1/keys", {{"name", "n"}, {"hash", "x"}}).code(), "unknown_field");
  EXPECT_EQ(
      post_json("/api/v1/keys", {{"name", "n"}, {"expires_at", "2020-01-01T00:00:00Z"}}).code(),
      "out_of_range");
  const auto broken = call("POST", "/api/v1/keys", "{\"name\":");
  EXPECT_EQ(broken.code(), "invalid_json");
  const auto wrong = post_json("/api/v1/keys", {{"name", 7}}).json();
  EXPECT_EQ(wrong["errors"][0]["path"], "$.name");
  for (const char* field : {"name", "owner"}) {
    nlohmann::json body = {{"name", "n"}};
    body[field] = "two\nlines";
    const auto cut = post_json("/api/v1/keys", body).json();
    EXPECT_EQ(cut["code"], "invalid_text") << cut;
    EXPECT_EQ(cut["errors"][0]["path"], std::string("$.") + field);
  }
}

using UsageRoutes = JobApiTest;

TEST_F(UsageRoutes, ShowTheOwnersDays) {
  store_->usage().add({"alice", "key_a", "2026-11-20", 2, 1, 100, 60.5, 3.25});
  store_->usage().add({"bob", "=cmd|'/c'!A1", "2026-11-20", 1, 0, 1, 1, 1});
  const auto own = get("/api/v1/usage?from=2026-11-01&to=2026-11-30").json();
  ASSERT_EQ(own["usage"].size(), 1);
  EXPECT_EQ(own["usage"][0]["key_id"], "key_a");
  EXPECT_EQ(own["usage"][0]["audio_seconds"], 60.5);
  EXPECT_EQ(get("/api/v1/usage?from=2026-11-21&to=2026-11-30").json()["usage"].size(), 0);
  EXPECT_EQ(get("/api/v1/usage?owner=all&from=2026-11-01").json()["usage"].size(), 2);
  const auto csv = get("/api/v1/usage?format=csv&owner=all&from=2026-11-01");
  EXPECT_THAT(csv.body, HasSubstr("2026-11-20,\"alice\",\"key_a\",2,1,100,60.5,3.25\r\n"));
  EXPECT_THAT(csv.body, HasSubstr("\"'=cmd"));
  EXPECT_THAT(csv.header("content-type"), StartsWith("text/csv"));
  EXPECT_THAT(csv.header("content-disposition"), HasSubstr("usage-2026-11-01-2026-11-25.csv"));
  key_ = make_key("carol", static_cast<Scopes>(Scope::read));
  EXPECT_EQ(get("/api/v1/usage?owner=all").status, 403);
  EXPECT_EQ(get("/api/v1/usage?from=yesterday").code(), "wrong_type");
}

TEST_F(UsageRoutes, AreCsvIfAccepted) {
  const auto type = [&](const char* accept, const char* query = "") {
    const auto reply = get("/api/v1/usage" + std::string(query), {{"Accept", accept}});
    EXPECT_EQ(reply.header("vary"), "Accept");
    return reply.header("content-type");
  };
  EXPECT_THAT(type("text/csv"), StartsWith("text/csv"));
  EXPECT_THAT(type("Text/CSV; q=0.9, */*;q=0.1"), StartsWith("text/csv"));
  EXPECT_EQ(type("text/csv", "?format=json"), "application/json");
  for (const char* accept : {"*/*", "application/json", "text/csv, application/json", "text/*"}) {
    EXPECT_EQ(type(accept), "application/json") << accept;
  }
  const auto usage = get("/openapi.json").json()["paths"]["/api/v1/usage"]["get"];
  EXPECT_TRUE(usage["responses"]["200"]["content"].contains("text/csv"));
}

TEST_F(UsageRoutes, PageTheAuditLog) {
  for (int i = 0; i < 5; ++i) call("DELETE", path(submit()));
  const auto first = get("/api/v1/audit?limit=3").json();
  ASSERT_EQ(first["entries"].size(), 3);
  EXPECT_EQ(first["entries"][0]["action"], "job.cancel");
  EXPECT_EQ(first["entries"][0]["address"], "127.0.0.1");
  EXPECT_FALSE(first["entries"][0]["request_id"].get<std::string>().empty());
  const auto rest = get("/api/v1/audit?limit=3&before=" + first["next_before"].dump()).json();
  EXPECT_EQ(rest["entries"].size(), 2);
  EXPECT_TRUE(rest["next_before"].is_null());
  key_ = make_key("carol", static_cast<Scopes>(Scope::read));
  EXPECT_EQ(get("/api/v1/audit").status, 403);
}

using HealthRoutes = JobApiTest;

TEST_F(HealthRoutes, AreOpen) {
  key_.clear();
  EXPECT_EQ(get("/health").json()["status"], "ok");
  EXPECT_EQ(get("/health/live").status, 200);
  const auto ready = get("/health/ready");
  EXPECT_EQ(ready.status, 200) << ready.body;
  EXPECT_EQ(ready.json()["status"], "ready");
  EXPECT_THAT(blob_keys(), testing::IsEmpty());
}

TEST_F(HealthRoutes, SayWhyTheServiceIsNotReady) {
  blobs_ = blob::make_memory_store(0);
  service().services.readiness.add(
      {"workers", [] { return steno::fail(Errc::unavailable, "no worker lives"); }});
  const auto ready = get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  const auto checks = ready.json()["checks"];
  EXPECT_EQ(checks[0]["ok"], true);
  EXPECT_EQ(checks[1]["reason"], "the disk is full");
  EXPECT_EQ(checks[2]["reason"], "no worker lives");
}

TEST_F(HealthRoutes, MetricsShowTheQueue) {
  submit();
  const auto reply = get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.header("content-type"), StartsWith("text/plain; version=0.0.4"));
  EXPECT_THAT(reply.body, HasSubstr("priority=\"5\"} 1"));
  key_.clear();
  EXPECT_EQ(get("/metrics").status, 401);
}

TEST_F(HealthRoutes, MetricsMayBeOpen) {
  options_.metrics_without_key = true;
  key_.clear();
  EXPECT_EQ(get("/metrics").status, 200);
}

TEST_F(HealthRoutes, ModelsWithoutDamagedOnes) {
  EXPECT_EQ(get("/api/v1/models").json()["models"].size(), 0);  // the fixture's models are empty
}

using PageRoutes = JobApiTest;

TEST_F(PageRoutes, NeedNoKeyAndLoadNothingFromElsewhere) {
  key_.clear();
  for (const char* page : {"/", "/docs", "/docs/docs.js", "/docs/style.css"}) {
    const auto reply = get(page);
    EXPECT_EQ(reply.status, 200) << page;
    EXPECT_THAT(reply.header("content-security-policy"), StartsWith("default-src 'none'"));
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
    EXPECT_THAT(reply.body, Not(HasSubstr("http://"))) << page;
    EXPECT_THAT(reply.body, Not(HasSubstr("https://"))) << page;
    EXPECT_THAT(reply.body, Not(HasSubstr("innerHTML"))) << page;
    EXPECT_EQ(get(page, {{"If-None-Match", reply.header("etag")}}).status, 304);
  }
  EXPECT_THAT(get("/").body, HasSubstr("href=\"docs\""));
  EXPECT_THAT(get("/docs").header("content-type"), StartsWith("text/html"));
}

}  // namespace
}  // namespace steno::api
