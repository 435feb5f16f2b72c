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

/// The route that submits jobs.
inline constexpr const char* kTranscribePath = "/api/v1/transcribe";

/// A settable wall clock.
class SettableClock : public Clock {
 public:
  Time now() const override { return Time(Milliseconds(now_.load())); }
  void set(Time now) { now_ = now.time_since_epoch().count(); }
  void advance(Milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'795'630'000'000};  // 2026-11-25
};

/// The answer to a request.
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

/// A connection to the service for unusual requests.
class Connection {
 public:
  explicit Connection(const std::string& address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes);
  /// Reads until `enough` returns true or the other side closes.
  std::string read_until(const std::function<bool(const std::string&)>& enough);
  /// Reads one complete answer.
  Reply reply();

 private:
  int socket_ = -1;
  std::string unread_;
};

/// The whole API over a real HTTP server, with SQLite and blobs in memory and a library with the
/// empty models "base" and "tiny.en". Every test has its own.
class ApiTest : public testing::Test {
 protected:
  ApiTest();
  ~ApiTest() override;

  /// Starts the server with `options_`. The first request does this automatically.
  void start();
  /// Stops the service. The next request starts another one over the same store and blobs.
  void stop();

  Reply get(const std::string& target, RequestHeaders headers = {});
  Reply call(const std::string& method, const std::string& target, const std::string& body = "",
             RequestHeaders headers = {});
  Reply post_json(const std::string& target, const nlohmann::json& body,
                  RequestHeaders headers = {});

  /// The key of every request: by default a key of the owner "alice" with all scopes. Empty: no
  /// key.
  std::string key_;
  /// The Host of every request.
  std::string host_ = "steno.test";
  /// Makes another key.
  std::string make_key(const std::string& owner, Scopes scopes);

  /// The server's address.
  std::string address();
  /// The keys of all blobs.
  std::vector<std::string> blob_keys();
  /// The stored job. Fails the test if there is none.
  Job job(const std::string& id);
  /// Waits at most ten seconds until `done` returns true. Returns false otherwise.
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

  // The running service.
  struct Running;
  std::unique_ptr<Running> running_;
  Service& service();
  Lifecycle& lifecycle();
  Queue& queue();
};

}  // namespace steno::api
