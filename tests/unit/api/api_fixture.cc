#include "unit/api/api_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/id.h"
#include "domain/api_key.h"
#include "notify/inotify/inotify_notifier.h"
#include "queue/queue.h"
#include "store/sqlite/sqlite_store.h"

namespace steno::api {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The content of a chunked body. None while it is incomplete.
std::optional<std::string> unchunked(std::string_view body, size_t* used) {
  std::string content;
  for (size_t at = 0;;) {
    const size_t line = body.find("\r\n", at);
    if (line == std::string_view::npos) return std::nullopt;
    const size_t size = std::stoul(std::string(body.substr(at, line - at)), nullptr, 16);
    at = line + 2;
    if (body.size() < at + size + 2) return std::nullopt;
    content += body.substr(at, size);
    at += size + 2;
    if (size == 0) {
      *used = at;
      return content;
    }
  }
}

}  // namespace

std::string Reply::code() const {
  if (!header("content-type").starts_with("application/problem+json")) return "";
  return json().at("code");
}

std::string Reply::header(const std::string& name) const {
  const auto found = headers.find(lower(name));
  return found == headers.end() ? "" : found->second;
}

Connection::Connection(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &target.sin_addr);
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{20, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    throw std::runtime_error("no connection to " + address);
  }
}

Connection::~Connection() { close(socket_); }

void Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the answer may have arrived already
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

std::string Connection::read_until(const std::function<bool(const std::string&)>& enough) {
  char block[64 * 1024];
  while (!enough(unread_)) {
    const ssize_t got = recv(socket_, block, sizeof block, 0);
    if (got <= 0) break;
    unread_.append(block, static_cast<size_t>(got));
  }
  return unread_;
}

Reply Connection::reply() {
  Reply reply;
  for (;;) {
    read_until([](const std::string& all) { return all.find("\r\n\r\n") != std::string::npos; });
    const size_t end = unread_.find("\r\n\r\n");
    if (end == std::string::npos) return reply;
    const std::string head = unread_.substr(0, end + 2);
    unread_.erase(0, end + 4);
    reply.status = std::stoi(head.substr(head.find(' ') + 1));
    for (size_t at = head.find("\r\n") + 2; at < head.size();) {
      const size_t line = head.find("\r\n", at);
      const size_t colon = head.find(':', at);
      reply.headers[lower(head.substr(at, colon - at))] =
          colon + 2 <= line ? head.substr(colon + 2, line - colon - 2) : "";
      at = line + 2;
    }
    if (reply.status >= 200) break;  // not 100 Continue
    reply.headers.clear();
  }
  if (reply.header("transfer-encoding") == "chunked") {
    size_t used = 0;
    read_until([&](const std::string& all) { return unchunked(all, &used).has_value(); });
    reply.body = unchunked(unread_, &used).value_or("");
    unread_.erase(0, used);
  } else if (!reply.header("content-length").empty()) {
    const size_t size = std::stoul(reply.header("content-length"));
    read_until([&](const std::string& all) { return all.size() >= size; });
    reply.body = unread_.substr(0, size);
    unread_.erase(0, size);
  } else if (reply.status != 204 && reply.status != 304) {
    reply.body = read_until([](const std::string&) { return false; });
    unread_.clear();
  }
  return reply;
}

struct ApiTest::Running {
  Running(ApiTest& test)
      : library({test.folder_ / "models"}),
        log(LogLevel::error),
        metrics("test"),
        pool(2),
        upload_pool(2),
        queue(make_database_queue(test.store_->jobs(), *test.notifier_, test.clock_)),
        lifecycle(*test.store_, *queue, *test.blobs_, *test.event_notifier_, test.clock_,
                  test.policy_),
        hub(test.store_->events(), *test.event_notifier_, log),
        services({*test.store_, lifecycle, *test.blobs_, *test.staging_, library, test.clock_, log},
                 test.options_),
        service{services, hub,  library,     test.clock_,  log,
                metrics,  pool, upload_pool, test.options_},
        server(router, {{"127.0.0.1:0"}}, {{}, [](std::string_view, std::string_view what) {
                                             ADD_FAILURE() << "the server failed: " << what;
                                           }}) {
    add_api(router, service);
  }
  ~Running() {
    server.stop(std::chrono::milliseconds(100));
    pool.join();
    upload_pool.join();
  }

  models::Library library;
  Log log;
  Metrics metrics;
  http::BlockingPool pool;
  http::BlockingPool upload_pool;
  std::unique_ptr<Queue> queue;
  Lifecycle lifecycle;
  EventHub hub;
  service::Services services;
  Service service;
  http::Router router;
  http::Server server;
};

ApiTest::ApiTest()
    : folder_(std::filesystem::temp_directory_path() /
              new_id("steno_api_test_", SystemClock().now())) {
  for (const char* model : {"base", "tiny.en"}) {
    std::filesystem::create_directories(folder_ / "models" / model);
    std::ofstream(folder_ / "models" / model / "model.bin") << "nothing";
  }
  store_ = open_sqlite("").value();
  event_notifier_ = open_inotify_notifier(folder_ / "news");
  notifier_ = open_inotify_notifier(folder_ / "queue");
  key_ = make_key("alice", kAllScopes);
}

ApiTest::~ApiTest() {
  running_.reset();
  std::filesystem::remove_all(folder_);
}

void ApiTest::start() {
  if (running_) return;
  running_ = std::make_unique<Running>(*this);
  const auto started = running_->server.start();
  if (!started) throw std::runtime_error(started.error().message);
}

void ApiTest::stop() { running_.reset(); }

Service& ApiTest::service() {
  start();
  return running_->service;
}

Lifecycle& ApiTest::lifecycle() {
  start();
  return running_->lifecycle;
}

Queue& ApiTest::queue() {
  start();
  return *running_->queue;
}

std::string ApiTest::address() {
  start();
  return running_->server.addresses().front();
}

std::string ApiTest::make_key(const std::string& owner, Scopes scopes) {
  const std::string key = make_api_key();
  ApiKey row;
  row.id = new_id("key_", clock_.now());
  row.owner = owner;
  row.name = owner;
  row.prefix = api_key_prefix(key);
  row.hash = hash_api_key(key);
  row.scopes = scopes;
  row.created_at = clock_.now();
  store_->keys().add(row);
  return key;
}

Reply ApiTest::get(const std::string& target, RequestHeaders headers) {
  return call("GET", target, "", std::move(headers));
}

Reply ApiTest::call(const std::string& method, const std::string& target, const std::string& body,
                    RequestHeaders headers) {
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: " + host_ + "\r\n";
  if (!key_.empty()) request += "X-API-Key: " + key_ + "\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  const bool has_body = !body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (has_body) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  Connection connection(address());
  connection.send(request + "Connection: close\r\n\r\n" + body);
  return connection.reply();
}

Reply ApiTest::post_json(const std::string& target, const nlohmann::json& body,
                         RequestHeaders headers) {
  headers.emplace_back("Content-Type", "application/json");
  return call("POST", target, body.dump(), std::move(headers));
}

std::vector<std::string> ApiTest::blob_keys() {
  std::vector<std::string> keys;
  const auto listed =
      blobs_->list("", [&](const blob::BlobInfo& info) { keys.push_back(info.key); });
  EXPECT_TRUE(listed);
  std::ranges::sort(keys);
  return keys;
}

Job ApiTest::job(const std::string& id) {
  const auto found = store_->jobs().find(id);
  EXPECT_TRUE(found) << "no job " << id;
  return found.value_or(Job());
}

bool ApiTest::eventually(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace steno::api
