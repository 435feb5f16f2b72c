#include "unit/http/test_server.h"

#include <stdexcept>

namespace steno::http {
namespace {

constexpr std::size_t kEchoBytes = 1024 * 1024;
constexpr std::uint64_t kCountBytes = 64 * 1024 * 1024;

Task<void> hello(Request&, Responder& responder) {
  co_await responder.send(Response::text(200, "hello"));
}

Task<void> echo(Request& request, Responder& responder) {
  std::string body = co_await request.read_all(kEchoBytes);
  co_await responder.send(Response::text(200, std::move(body)));
}

Task<void> count(Request& request, Responder& responder) {
  std::uint64_t size = 0;
  while (true) {
    const auto piece = co_await request.read_some();
    if (piece.empty()) break;
    size += piece.size();
  }
  co_await responder.send(Response::text(200, std::to_string(size)));
}

Task<void> ignore(Request&, Responder& responder) {
  co_await responder.send(Response::text(200, "ignored"));
}

Task<void> item(Request& request, Responder& responder) {
  co_await responder.send(Response::text(200, request.parameter("id")));
}

Task<void> fail_oddly(Request&, Responder&) {
  throw std::runtime_error("the secret is 42");
  co_return;
}

AccessCopy copy(const Access& access) {
  return {std::string(access.method),
          std::string(access.path),
          std::string(access.route),
          std::string(access.request_id),
          std::string(access.remote_address),
          access.status,
          access.received_bytes,
          access.sent_bytes,
          access.seconds};
}

}  // namespace

TestServer::TestServer() {
  router.add("GET", "/hello", hello);
  router.add("POST", "/echo", echo);
  router.add("POST", "/count", count, {.body_bytes = kCountBytes});
  router.add("POST", "/ignore", ignore);
  router.add("GET", "/items/{id}/x", item);
  router.add("GET", "/throws", fail_oddly);
  options.listen = {"127.0.0.1:0"};
}

void TestServer::start() {
  ServerHooks hooks;
  hooks.on_access = [this](const Access& access) {
    const std::lock_guard lock(mutex_);
    accesses_.push_back(copy(access));
    changed_.notify_all();
  };
  hooks.on_error = [this](std::string_view id, std::string_view what) {
    const std::lock_guard lock(mutex_);
    errors_.push_back(std::string(id) + ": " + std::string(what));
  };
  server = std::make_unique<Server>(router, options, std::move(hooks));
  const auto started = server->start();
  if (!started) throw std::runtime_error(started.error().message);
}

void TestServer::stop(std::chrono::milliseconds grace) {
  if (server) server->stop(grace);
}

std::vector<AccessCopy> TestServer::accesses(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return accesses_.size() >= count; });
  return accesses_;
}

std::vector<std::string> TestServer::errors() {
  const std::lock_guard lock(mutex_);
  return errors_;
}

}  // namespace steno::http
