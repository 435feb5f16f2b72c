#include <gmock/gmock.h>

#include <thread>

#include "domain/api_key.h"
#include "unit/api/job_fixture.h"

namespace steno::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// An event as a client sees it.
struct Seen {
  int id = 0;
  std::string type;
  nlohmann::json data;
};

std::vector<Seen> events_in(const std::string& body) {
  std::vector<Seen> events;
  Seen event;
  for (std::size_t at = 0; at < body.size();) {
    const auto end = std::min(body.find('\n', at), body.size());
    auto line = body.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("id: ")) event.id = std::stoi(line.substr(4));
    if (line.starts_with("event: ")) event.type = line.substr(7);
    if (line.starts_with("data: ")) event.data = nlohmann::json::parse(line.substr(6));
    if (line.empty() && event.id != 0) events.push_back(std::exchange(event, {}));
  }
  return events;
}

std::vector<int> ids_of(const std::vector<Seen>& events) {
  std::vector<int> ids;
  for (const auto& event : events) ids.push_back(event.id);
  return ids;
}

std::vector<int> numbers(int from, int to) {
  std::vector<int> all;
  for (int i = from; i <= to; ++i) all.push_back(i);
  return all;
}

const std::string kSegment = R"({"id":0,"start":0.0,"end":1.0,"text":" Hello."})";

class EventRoutes : public JobApiTest {
 protected:
  std::unique_ptr<Connection> watch(const std::string& id, const std::string& query = "",
                                    const std::string& header = "") {
    auto connection = std::make_unique<Connection>(address());
    connection->send("GET " + path(id, "/events") + query +
                     " HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key_ + "\r\n" + header + "\r\n");
    return connection;
  }

  int last_number(const std::string& id) {
    return static_cast<int>(store_->events().events_of(id, 0, 100'000).size());
  }
};

TEST_F(EventRoutes, ReplayAllEventsOfAnEndedJob) {
  const auto id = submit();
  auto lease = claim(id);
  advance(lease, "transcribing", 50, {kSegment});
  complete(lease);
  const auto reply = get(path(id, "/events"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "text/event-stream");
  const auto events = events_in(reply.body);
  EXPECT_EQ(ids_of(events), numbers(1, last_number(id)));
  EXPECT_EQ(events.back().type, "end");
  EXPECT_EQ(events.back().data["status"], "completed");
  EXPECT_THAT(reply.body, HasSubstr("event: segment\ndata: {"));
}

TEST_F(EventRoutes, SendNewEventsAndEnd) {
  const auto id = submit();
  const auto client = watch(id);
  client->read_until([](const std::string& all) { return all.find("id: 1") != all.npos; });
  auto lease = claim(id);
  advance(lease, "transcribing", 50, {kSegment});
  complete(lease);
  const auto reply = client->reply();
  EXPECT_EQ(ids_of(events_in(reply.body)), numbers(1, last_number(id)));
}

TEST_F(EventRoutes, GoOnBehindTheLastEvent) {
  const auto id = completed();
  const int last = last_number(id);
  EXPECT_EQ(ids_of(events_in(get(path(id, "/events?last_event_id=1")).body)), numbers(2, last));
  const auto by_header = get(path(id, "/events"), {{"Last-Event-ID", std::to_string(last - 1)}});
  EXPECT_THAT(ids_of(events_in(by_header.body)), ElementsAre(last));
  const auto nothing = get(path(id, "/events"), {{"Last-Event-ID", std::to_string(last)}});
  EXPECT_EQ(nothing.status, 204);
  EXPECT_EQ(get(path(id, "/events"), {{"Last-Event-ID", "x"}}).code(), "wrong_type");
  const auto both = get(path(id, "/events?last_event_id=-1"), {{"Last-Event-ID", "1"}});
  EXPECT_EQ(both.code(), "wrong_type");
  EXPECT_EQ(get(path(id, "/events?last_event_id=-1")).code(), "wrong_type");
}

TEST_F(EventRoutes, NoGapAndNoRepeatBetweenReplayAndLive) {
  const auto id = submit();
  auto lease = claim(id);
  std::jthread worker([&] {
    for (int i = 1; i <= 400; ++i) advance(lease, "transcribing", i * 0.2);
    complete(lease);
  });
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(watch(id));
  std::vector<std::vector<int>> seen;
  for (const auto& client : clients) seen.push_back(ids_of(events_in(client->reply().body)));
  worker.join();
  const auto all = numbers(1, last_number(id));
  for (const auto& ids : seen) EXPECT_EQ(ids, all);
}

TEST_F(EventRoutes, AnEndOfAnEarlierRoundIsLeftOut) {
  const auto id = failed();
  EXPECT_EQ(events_in(get(path(id, "/events")).body).back().type, "end");
  ASSERT_EQ(call("POST", path(id, "/retry")).status, 202);
  auto lease = claim(id);
  complete(lease);
  const auto events = events_in(get(path(id, "/events")).body);
  int ends = 0;
  for (const auto& event : events) ends += event.type == "end" ? 1 : 0;
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(events.back().data["status"], "completed");
  EXPECT_EQ(events.back().id, last_number(id));
}

TEST_F(EventRoutes, StreamsAreCounted) {
  const auto id = submit();
  const auto open = [&](const std::string& count) {
    return service().metrics.text().find("steno_event_streams " + count) != std::string::npos;
  };
  const auto client = watch(id);
  EXPECT_TRUE(eventually([&] { return open("1"); }));
  EXPECT_EQ(call("DELETE", path(id)).status, 200);
  client->reply();
  EXPECT_TRUE(eventually([&] { return open("0"); })) << service().metrics.text();
}

TEST_F(EventRoutes, EndWithTheirKeyAndNoOther) {
  const auto id = submit();
  const auto has_begun = [](const std::string& all) { return all.find("id: 1") != all.npos; };
  const auto kept = watch(id);
  kept->read_until(has_begun);
  const std::string good = std::exchange(key_, make_key("alice", kAllScopes));
  const auto ended = watch(id);
  ended->read_until(has_begun);
  const auto key = store_->keys().find_by_hash(hash_api_key(key_));
  ASSERT_TRUE(store_->keys().revoke(key->id, clock_.now()));  // as another process does
  const auto events = events_in(ended->reply().body);
  ASSERT_FALSE(events.empty());
  EXPECT_NE(events.back().type, "end");
  key_ = good;
  ASSERT_EQ(call("DELETE", path(id)).status, 200);
  EXPECT_EQ(events_in(kept->reply().body).back().type, "end");
}

TEST_F(EventRoutes, EndWhenTheirKeyExpires) {
  const auto id = submit();
  ApiKey row = *store_->keys().find_by_hash(hash_api_key(key_));
  key_ = make_api_key();
  row.id = "key_2";
  row.hash = hash_api_key(key_);
  row.expires_at = clock_.now() + Milliseconds(60'000);
  store_->keys().add(row);
  const auto client = watch(id);
  client->read_until([](const std::string& all) { return all.find("id: 1") != all.npos; });
  clock_.advance(Milliseconds(60'000));
  EXPECT_EQ(client->reply().status, 200);
  EXPECT_TRUE(eventually(
      [&] { return service().metrics.text().find("steno_event_streams 0") != std::string::npos; }));
}

TEST_F(EventRoutes, AHubReadsWhatAnotherProcessWrote) {
  const auto id = submit();
  const auto client = watch(id);
  client->read_until([](const std::string& all) { return all.find("id: 1") != all.npos; });
  // The lifecycle of another process: only the database and the notifier are shared.
  Lifecycle other(*store_, queue(), *blobs_, *event_notifier_, clock_, policy_);
  ASSERT_TRUE(other.cancel(id));
  EXPECT_EQ(events_in(client->reply().body).back().type, "end");
}

}  // namespace
}  // namespace steno::api
