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
#include "http/limits.h"
#include "http/router.h"

namespace steno::http {

struct TlsFiles {
  std::string certificate_chain;  ///< PEM
  std::string private_key;        ///< PEM
};

struct ServerOptions {
  std::vector<std::string> listen = {"127.0.0.1:8080"};  ///< host:port, "[::1]:8080"; port 0: any
  std::optional<TlsFiles> tls = {};                      ///< for all addresses
  int threads = 1;  ///< that run handlers, each its connections
  /// Threads that read what is sent from disk and compress it. Each reads one piece at a time: as
  /// many reads as this may hang before other downloads wait.
  int reading_threads = 8;
  Limits limits = {};
};

/// One request that has ended.
struct Access {
  std::string_view method;
  std::string_view path;   ///< as it was sent, without the query
  std::string_view route;  ///< its pattern; "" if there was none
  std::string_view request_id;
  std::string_view remote_address;
  int status = 0;                    ///< of the answer; 499 if the client went away before it
  std::uint64_t received_bytes = 0;  ///< of the body
  std::uint64_t sent_bytes = 0;      ///< header and body
  double seconds = 0;
};

/// What the server tells. Called on its threads, by several at once; may be empty.
struct ServerHooks {
  std::function<void(const Access&)> on_access = {};
  /// What went wrong in a handler (500) or in the server itself; request_id is "" then.
  std::function<void(std::string_view request_id, std::string_view what)> on_error = {};
};

/// HTTP/1.1 and 1.0 over TCP or TLS. All functions are thread-safe.
class Server {
 public:
  /// `router` is finished and lives longer than the server.
  Server(const Router& router, ServerOptions options, ServerHooks hooks = {});
  /// Stops without grace if stop() was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and serves on threads of its own. Fails with invalid_argument for an address that
  /// cannot be read or bad certificates, unavailable for one that is taken. Once only.
  Result<void> start();

  /// Where it listens, "127.0.0.1:41234", in the order of ServerOptions::listen; after start().
  std::vector<std::string> addresses() const;

  /// Reads the TLS files again, for new connections. If they cannot be used, the old ones stay.
  Result<void> reload_certificates();

  /// Takes no more connections, closes those without a request, ends event streams, lets running
  /// requests end within `grace`, then cuts them (on_client_gone() is called), and joins the
  /// threads. Waits for handlers a moment longer; one that never ends is reported and abandoned.
  void stop(std::chrono::milliseconds grace);

  /// Connections that are open now.
  std::size_t connections() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace steno::http
