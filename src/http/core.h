#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "http/connection.h"
#include "http/offload.h"
#include "http/request_ids.h"
#include "http/serve_connection.h"
#include "http/server.h"

namespace steno::http {

/// One thread and the connections that it serves. All functions except post() and join() run on
/// that thread.
class Shard {
 public:
  Shard();
  ~Shard();

  boost::asio::io_context& context() { return context_; }
  void start();
  /// Ends the thread. Coroutines that have not finished are abandoned.
  void join();

  void add(const std::shared_ptr<Connection>& connection) { connections_.insert(connection); }
  void remove(const std::shared_ptr<Connection>& connection) { connections_.erase(connection); }
  /// Calls `use` for each connection on the shard's thread, at some later time. Thread-safe.
  void for_each(std::function<void(Connection&)> use);

 private:
  Task<void> watch_deadlines();

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::thread thread_;
};

/// The implementation of Server.
class Server::Core {
 public:
  Core(const Router& router, ServerOptions options, ServerHooks hooks);
  ~Core();

  Result<void> start();
  std::vector<std::string> addresses() const;
  Result<void> reload_certificates();
  void stop(std::chrono::milliseconds grace);
  std::size_t connections() const { return open_; }

 private:
  using Acceptor = boost::asio::ip::tcp::acceptor;
  using Socket = boost::asio::ip::tcp::socket;
  enum class State { fresh, running, stopped };

  Result<void> listen(const std::string& address);
  Task<void> accept(Acceptor& acceptor);
  void admit(Socket socket, Shard& shard);
  Task<void> serve(Shard& shard, std::shared_ptr<Connection> connection);
  Task<void> refuse(Shard& shard, std::shared_ptr<Connection> connection);
  void close_acceptors();
  bool wait_until_empty(std::chrono::milliseconds patience);
  void abandon_what_is_left();
  void connection_ended(const std::exception_ptr& error);
  void report(std::string_view what) const;
  std::shared_ptr<boost::asio::ssl::context> tls() const;

  const ServerOptions options_;
  const ServerHooks hooks_;
  RequestIds ids_;
  BlockingPool blocking_;
  std::vector<std::unique_ptr<Shard>> shards_;
  // declared after the shards, because acceptors use the first shard's context
  std::vector<Acceptor> acceptors_;
  std::vector<std::string> addresses_;
  const Site site_;

  std::atomic<std::size_t> open_ = 0;
  std::atomic<std::size_t> refusing_ = 0;
  std::atomic<std::size_t> next_shard_ = 0;
  std::atomic<bool> stopping_ = false;

  mutable Mutex mutex_;
  State state_ GUARDED_BY(mutex_) = State::fresh;
  std::shared_ptr<boost::asio::ssl::context> tls_ GUARDED_BY(mutex_);
  CondVar ended_;  // notified when open_ becomes smaller
};

}  // namespace steno::http
