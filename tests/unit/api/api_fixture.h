#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/jobs/event_hub.h"
#include "api/service.h"
#include "blob/memory/memory_staging.h"
#include "blob/memory/memory_store.h"
#include "jobs/lifecycle.h"
#include "notify/notifier.h"
#include "queue/queue.h"
#include "store/store.h"

namespace steno::api {

/// Wall time that a test sets.
class SettableClock : public Clock {
 public:
  Time now() const override { return Time(Milliseconds(now_.load())); }
  void set(Time now) { now_ = now.time_since_epoch().count(); }
  void advance(Milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'795'630'000'000};  // 2026-11-25
};

/// What came back.
struct Reply {
  int status = 0;                              ///< 0: the connection was closed without an answer
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  /// The stable code of a problem; "" if it is none.
  std::string code() const;
  std::string header(const std::string& name) const;
};

using RequestHeaders = std::vector<std::pair<std::string, std::string>>;

/// One connection to the service, for what is not a plain request.
class Connection {
 public:
  explicit Connection(const std::string& address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes);
  /// What has come by the time that `enough` says so or the other side closes.
  std::string read_until(const std::function<bool(const std::string&)>& enough);
  /// Reads one answer, to its end.
  Reply reply();

 private:
  int socket_ = -1;
  std::string unread_;
};

/// The whole API over a real HTTP server, SQLite in memory, blobs in memory and a library with the
/// models "base" and "tiny.en", which hold nothing. Every test has its own.
class ApiTest : public testing::Test {
 protected:
  ApiTest();
  ~ApiTest() override;

  /// Starts the server with what `options_` says; by itself at the first request.
  void start();
  /// Ends the service; the next request starts another over the same store and blobs.
  void stop();

  Reply get(const std::string& target, RequestHeaders headers = {});
  Reply call(const std::string& method, const std::string& target, const std::string& body = "",
             RequestHeaders headers = {});
  Reply post_json(const std::string& target, const nlohmann::json& body,
                  RequestHeaders headers = {});

  /// Adds `key_` to every request, which is a key of the owner "alice" with all scopes; empty:
  /// none.
  std::string key_;
  /// The Host of every request.
  std::string host_ = "steno.test";
  /// A further key.
  std::string make_key(const std::string& owner, Scopes scopes);

  /// Where the server listens.
  std::string address();
  /// The keys of all blobs.
  std::vector<std::string> blob_keys();
  /// The job as it is stored; fails the test if there is none.
  Job job(const std::string& id);
  /// Waits until `done`, at most ten seconds; false if it never was.
  static bool eventually(const std::function<bool()>& done);

  static constexpr Scopes kAllScopes = 15;

  std::filesystem::path folder_;
  SettableClock clock_;
  ApiOptions options_;
  JobPolicy policy_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<blob::BlobStore> blobs_ = blob::make_memory_store();
  std::unique_ptr<blob::UploadStaging> staging_ = blob::make_memory_staging();
  std::unique_ptr<Notifier> event_notifier_;
  std::unique_ptr<Notifier> notifier_;

  // What start() makes of them.
  struct Running;
  std::unique_ptr<Running> running_;
  Service& service();
  Lifecycle& lifecycle();
  Queue& queue();
};

}  // namespace steno::api
