#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/core.h"

namespace steno::http {
namespace {

constexpr std::chrono::milliseconds kTick(250);

}  // namespace

// One thread runs the context, so its lock is not contended. It is needed because other threads
// post to it.
Shard::Shard() : context_(1), work_(context_.get_executor()) {}

Shard::~Shard() { join(); }

void Shard::start() {
  boost::asio::co_spawn(context_, watch_deadlines(), boost::asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

void Shard::join() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Shard::for_each(std::function<void(Connection&)> use) {
  auto walk = [this, use = std::move(use)] {
    // A copy, because `use` may end connections.
    const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
    for (const auto& connection : all) use(*connection);
  };
  boost::asio::post(context_, std::move(walk));
}

Task<void> Shard::watch_deadlines() {
  boost::asio::steady_timer timer(context_);
  while (true) {
    timer.expires_after(kTick);
    co_await timer.async_wait(boost::asio::use_awaitable);
    const auto now = Connection::Clock::now();
    for (const auto& connection : connections_) connection->check_deadline(now);
  }
}

}  // namespace steno::http
