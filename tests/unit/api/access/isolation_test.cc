#include <optional>

#include "http/router.h"
#include "unit/api/job_fixture.h"

namespace steno::api {
namespace {

class Isolation : public JobApiTest {
 protected:
  static constexpr Scopes kAll = kAllScopes;

  /// All routes, from a separate router.
  const std::vector<http::Route>& service_routes() {
    if (router_.routes().empty()) add_api(router_, service());
    return router_.routes();
  }

  /// The value of `{name}` in a path: an object of alice's.
  std::string alices(const std::string& name) {
    if (name == "job_id") return dead_letter_;
    if (name == "batch_id") return "batch_of_alice";
    if (name == "upload_id") return upload_;
    return "";
  }

  void make_alices() {
    Job job;
    job.batch_id = "batch_of_alice";
    submit("alice", job);
    dead_letter_ = dead_letter("alice");
    completed_ = completed("alice");
    upload_ = "upload_of_alice";
    Upload upload;
    upload.id = upload_;
    upload.owner = "alice";
    upload.blob = "uploads/alice";
    upload.length = 10;
    upload.created_at = clock_.now();
    upload.expires_at = clock_.now() + Milliseconds(3'600'000);
    store_->uploads().add(upload);
  }

  /// The pattern with alice's objects in it. None if it contains no parameter for one.
  std::optional<std::string> path_to_alices(const http::Route& route, const std::string& job_id) {
    std::string path;
    bool is_hers = false;
    for (const auto& segment : route.segments) {
      auto text = segment;
      if (segment.starts_with('{')) {
        text = alices(segment.substr(1, segment.size() - 2));
        if (segment == "{job_id}" && !job_id.empty()) text = job_id;
        if (text.empty()) return std::nullopt;
        is_hers = true;
      }
      path += "/" + text;
    }
    return is_hers ? std::optional(path) : std::nullopt;
  }

  Reply send(const http::Route& route, const std::string& path) {
    RequestHeaders headers;
    if (path.find("/uploads/") != std::string::npos) {
      headers = {{"Tus-Resumable", "1.0.0"},
                 {"Upload-Offset", "0"},
                 {"Content-Type", "application/offset+octet-stream"}};
    }
    return call(route.method, path, "", headers);
  }

  http::Router router_;
  std::string dead_letter_;
  std::string completed_;
  std::string upload_;
};

TEST_F(Isolation, OwnersCannotSeeEachOthersData) {
  make_alices();
  const auto alice = key_;
  const auto mallory = make_key("mallory", kAll);
  int routes = 0;
  for (const auto& route : service_routes()) {
    for (const auto& job_id : {dead_letter_, completed_}) {
      const auto path = path_to_alices(route, job_id);
      if (!path) continue;
      ++routes;
      key_ = mallory;
      const auto refused = send(route, *path);
      EXPECT_EQ(refused.status, 404) << route.method << " " << *path << " " << refused.body;
      EXPECT_EQ(refused.body.find("alice"), std::string::npos);
    }
  }
  EXPECT_GE(routes, 16);
  // The paths are correct: the owner still finds everything unchanged.
  key_ = alice;
  for (const auto& route : service_routes()) {
    if (route.method != "GET" && route.method != "HEAD") continue;
    const auto path = path_to_alices(route, completed_);
    if (!path) continue;
    EXPECT_NE(send(route, *path).status, 404) << route.method << " " << *path;
  }
  EXPECT_EQ(job(dead_letter_).state, State::failed);
  EXPECT_TRUE(job(dead_letter_).dead_letter);
  EXPECT_EQ(job(completed_).state, State::completed);
}

TEST_F(Isolation, EveryParameterOfAPathIsKnownHere) {
  for (const auto& route : service_routes()) {
    for (const auto& segment : route.segments) {
      if (!segment.starts_with('{')) continue;
      const bool is_known = segment == "{job_id}" || segment == "{batch_id}" ||
                            segment == "{upload_id}" || segment == "{key_id}";
      EXPECT_TRUE(is_known) << segment << " of " << route.pattern
                            << ": say here what it is and whose";
    }
  }
}

TEST_F(Isolation, ListsShowOnlyTheOwners) {
  make_alices();
  key_ = make_key("mallory", kAll);
  for (const char* list : {"/api/v1/jobs", "/api/v1/dead-letters", "/api/v1/usage",
                           "/api/v1/jobs?batch_id=batch_of_alice"}) {
    EXPECT_EQ(get(list).body.find("alice"), std::string::npos) << list;
  }
  EXPECT_TRUE(get("/api/v1/jobs").json()["jobs"].empty());
  EXPECT_TRUE(get("/api/v1/dead-letters").json()["jobs"].empty());
}

TEST_F(Isolation, AllButTheOpenRoutesNeedAKey) {
  key_.clear();
  for (const auto& route : service_routes()) {
    const auto path = path_to_alices(route, "job_1").value_or(route.pattern);
    const auto status = call(route.method, path).status;
    if (route.options.tag.empty()) {
      EXPECT_NE(status, 401) << path;
    } else {
      EXPECT_EQ(status, 401) << route.method << " " << path;
    }
  }
}

}  // namespace
}  // namespace steno::api
