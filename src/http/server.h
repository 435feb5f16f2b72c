#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/forwarded.h"
#include "http/limits.h"
#include "http/router.h"

namespace steno::http {

struct TlsFiles {
  std::string certificate_chain;  ///< PEM
  std::string private_key;        ///< PEM
};

struct ServerOptions {
  /// host:port, such as "[::1]:8080"; port 0 selects a free port.
  std::vector<std::string> listen = {"127.0.0.1:8080"};
  std::optional<TlsFiles> tls = {};  ///< used for all addresses
  int threads = 1;                   ///< threads that run handlers; each serves its own connections
  /// Threads that read files for answers and compress them. Each reads one piece at a time. When
  /// all of them hang, other downloads wait.
  int reading_threads = 8;
  ServerLimits limits = {};
  TrustProxy is_trusted_proxy = {};  ///< empty: no proxy is trusted
};

/// The access record of one request that has ended.
struct Access {
  std::string_view method;
  std::string_view path;   ///< as it was sent, without the query
  std::string_view route;  ///< its pattern; "" if no route matched
  std::string_view request_id;
  std::string_view remote_address;
  int status = 0;                    ///< of the answer; 499 if the client disconnected before it
  std::uint64_t received_bytes = 0;  ///< of the body
  std::uint64_t sent_bytes = 0;      ///< header and body
  double seconds = 0;
};

/// Callbacks of the server. Called on its threads, concurrently. Each may be empty.
struct ServerHooks {
  std::function<void(const Access&)> on_access = {};
  /// Reports an error in a handler (500), or in the server itself if request_id is "".
  std::function<void(std::string_view request_id, std::string_view what)> on_error = {};
};

/// HTTP/1.1 and 1.0 over TCP or TLS. All functions are thread-safe.
class Server {
 public:
  /// `router` must be complete and must outlive the server.
  Server(const Router& router, ServerOptions options, ServerHooks hooks = {});
  /// Stops without grace if stop() was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and serves on its own threads. May be called once. Fails with invalid_argument for an
  /// invalid address or bad certificates, and with unavailable for an address that is in use.
  Result<void> start();

  /// The addresses it listens on, such as "127.0.0.1:41234", in the order of ServerOptions::listen.
  /// Valid after start().
  std::vector<std::string> addresses() const;

  /// Reads the TLS files again, for new connections. If they are unusable, the old ones stay
  /// active.
  Result<void> reload_certificates();

  /// Stops the server. It accepts no more connections, closes idle ones and ends event streams.
  /// Running requests may end within `grace`; then they are cut (on_client_gone() is called).
  /// Threads are joined. Handlers that still do not end are reported and abandoned.
  void stop(std::chrono::milliseconds grace);

  /// The number of open connections.
  std::size_t connections() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace steno::http
