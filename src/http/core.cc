#include "http/core.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "http/tls.h"

namespace steno::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// refused connections that get an answer at the same time
constexpr std::size_t kMostRefusals = 64;
constexpr std::chrono::milliseconds kAcceptPause(100);
constexpr std::chrono::seconds kHandlersEnd(5);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

Result<HostPort> split(const std::string& address) {
  const auto colon = address.rfind(':');
  HostPort split;
  const std::string_view port =
      colon == std::string::npos ? "" : std::string_view(address).substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), split.port);
  split.host = address.substr(0, colon);
  if (split.host.size() > 2 && split.host.front() == '[' && split.host.back() == ']') {
    split.host = split.host.substr(1, split.host.size() - 2);
  }
  const bool bad_port = port.empty() || error != std::errc() || end != port.data() + port.size();
  if (bad_port || split.host.empty()) {
    return fail(Errc::invalid_argument, "\"" + address + "\" is not host:port");
  }
  return split;
}

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

/// Keeps a connection in its shard's registry while it is served.
class Registration {
 public:
  Registration(Shard& shard, std::shared_ptr<Connection> connection)
      : shard_(shard), connection_(std::move(connection)) {
    shard_.add(connection_);
  }
  ~Registration() {
    connection_->cut();
    shard_.remove(connection_);
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  Shard& shard_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace

Server::Core::Core(const Router& router, ServerOptions options, ServerHooks hooks)
    : options_(std::move(options)),
      hooks_(std::move(hooks)),
      blocking_(static_cast<std::size_t>(std::max(options_.reading_threads, 1))),
      site_{router, options_.limits, hooks_, ids_, blocking_, options_.is_trusted_proxy} {}

Server::Core::~Core() {
  stop(std::chrono::milliseconds(0));
  blocking_.join();
}

Result<void> Server::Core::start() {
  const MutexLock lock(mutex_);
  if (state_ != State::fresh) return fail(Errc::invalid_argument, "the server was started before");
  if (options_.tls) {
    auto loaded = load_tls(*options_.tls);
    if (!loaded) return tl::unexpected(loaded.error());
    tls_ = *std::move(loaded);
  }
  for (int i = 0; i < std::max(options_.threads, 1); ++i) {
    shards_.push_back(std::make_unique<Shard>());
  }
  acceptors_.reserve(options_.listen.size());
  for (const std::string& address : options_.listen) {
    if (auto listening = listen(address); !listening) {
      acceptors_.clear();
      shards_.clear();
      return listening;
    }
  }
  const auto fatal = [this](const std::exception_ptr& error) {
    if (error) report("the listener ended");
  };
  for (Acceptor& acceptor : acceptors_) {
    asio::co_spawn(acceptor.get_executor(), accept(acceptor), fatal);
  }
  for (const auto& shard : shards_) shard->start();
  state_ = State::running;
  return {};
}

Result<void> Server::Core::listen(const std::string& address) {
  const auto parts = split(address);
  if (!parts) return tl::unexpected(parts.error());
  asio::io_context& context = shards_.front()->context();
  error_code error;
  const auto found = tcp::resolver(context).resolve(parts->host, std::to_string(parts->port),
                                                    tcp::resolver::passive, error);
  if (error || found.empty()) {
    return fail(Errc::invalid_argument, "cannot listen on " + address + ": " + error.message());
  }
  const tcp::endpoint endpoint = found.begin()->endpoint();
  Acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(Errc::unavailable, "cannot listen on " + address + ": " + error.message());
  addresses_.push_back(to_text(acceptor.local_endpoint()));
  acceptors_.push_back(std::move(acceptor));
  return {};
}

std::vector<std::string> Server::Core::addresses() const {
  const MutexLock lock(mutex_);
  return addresses_;
}

Task<void> Server::Core::accept(Acceptor& acceptor) {
  while (!stopping_) {
    Shard& shard = *shards_[next_shard_++ % shards_.size()];
    error_code error;
    Socket socket = co_await acceptor.async_accept(
        shard.context(), asio::redirect_error(asio::use_awaitable, error));
    if (stopping_ || error == asio::error::operation_aborted) co_return;
    if (!error) {
      admit(std::move(socket), shard);
      continue;
    }
    // The likely cause is a lack of file descriptors, so wait until other connections have ended.
    report("cannot accept a connection: " + error.message());
    asio::steady_timer pause(acceptor.get_executor(), kAcceptPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

void Server::Core::admit(Socket socket, Shard& shard) {
  error_code ignored;  // without the option, answers are slower but still correct
  socket.set_option(tcp::no_delay(true), ignored);
  const bool full = open_ >= options_.limits.connections;
  const auto context = full ? nullptr : tls();
  if (full && (options_.tls || refusing_ >= kMostRefusals)) return;
  auto connection =
      std::make_shared<Connection>(Transport(std::move(socket), context), options_.limits);
  if (full) {
    ++refusing_;
    const auto refused = [this](const std::exception_ptr&) { --refusing_; };
    asio::co_spawn(shard.context(), refuse(shard, std::move(connection)), refused);
    return;
  }
  ++open_;
  const auto ended = [this](const std::exception_ptr& error) { connection_ended(error); };
  asio::co_spawn(shard.context(), serve(shard, std::move(connection)), ended);
}

Task<void> Server::Core::serve(Shard& shard, std::shared_ptr<Connection> connection) {
  const Registration registration(shard, connection);
  if (stopping_) co_return;
  co_await serve_connection(site_, std::move(connection));
}

Task<void> Server::Core::refuse(Shard& shard, std::shared_ptr<Connection> connection) {
  const Registration registration(shard, connection);
  co_await refuse_connection(std::move(connection));
}

void Server::Core::connection_ended(const std::exception_ptr& error) {
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const ClientGone&) {
      // the access record has reported it
    } catch (const std::exception& caught) {
      report(caught.what());
    }
  }
  const MutexLock lock(mutex_);
  --open_;
  ended_.notify_all();
}

Result<void> Server::Core::reload_certificates() {
  if (!options_.tls) return fail(Errc::invalid_argument, "the server has no certificates");
  auto loaded = load_tls(*options_.tls);
  if (!loaded) return tl::unexpected(loaded.error());
  const MutexLock lock(mutex_);
  tls_ = *std::move(loaded);
  return {};
}

std::shared_ptr<asio::ssl::context> Server::Core::tls() const {
  const MutexLock lock(mutex_);
  return tls_;
}

void Server::Core::stop(std::chrono::milliseconds grace) {
  {
    const MutexLock lock(mutex_);
    if (std::exchange(state_, State::stopped) != State::running) return;
  }
  stopping_ = true;
  close_acceptors();
  for (const auto& shard : shards_) shard->for_each([](Connection& c) { c.stop(); });
  if (!wait_until_empty(grace)) {
    for (const auto& shard : shards_) shard->for_each([](Connection& c) { c.cut(); });
    if (!wait_until_empty(kHandlersEnd)) abandon_what_is_left();
  }
  for (const auto& shard : shards_) shard->join();
}

void Server::Core::close_acceptors() {
  auto close = [this] {
    error_code ignored;  // the sockets are about to be closed, so an error does not matter
    for (Acceptor& acceptor : acceptors_) acceptor.close(ignored);
  };
  asio::post(shards_.front()->context(), std::move(close));
}

bool Server::Core::wait_until_empty(std::chrono::milliseconds patience) {
  const MutexLock lock(mutex_);
  return ended_.wait_for(mutex_, patience, [this] { return open_ == 0; });
}

/// A handler may still be waiting for a wake-up, so its shard must not be destroyed.
void Server::Core::abandon_what_is_left() {
  report(std::to_string(open_) + " requests did not end when the server stopped");
  for (auto& shard : shards_) {
    shard->join();
    static_cast<void>(shard.release());
  }
  acceptors_.clear();
  shards_.clear();
}

void Server::Core::report(std::string_view what) const {
  if (hooks_.on_error) hooks_.on_error("", what);
}

}  // namespace steno::http
