#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "http/task.h"

namespace steno::http {

/// One accepted connection over TCP or TLS. Use it on its executor's thread only.
class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Tls = boost::asio::ssl::context;
  using ReadDone = std::function<void(std::size_t)>;

  /// `tls` is null for plain TCP.
  Transport(Socket socket, std::shared_ptr<Tls> tls);

  /// Performs the TLS handshake. Returns true at once for plain TCP.
  Task<bool> handshake();

  /// Reads at least one byte. Returns 0 at the end or when the connection is broken.
  Task<std::size_t> read_some(std::span<char> into);
  /// As read_some(), without a coroutine. Calls `done` on the executor. One read at a time.
  void start_read(std::span<char> into, ReadDone done);

  /// Writes some of the pieces' bytes, in order. Returns 0 when the connection is broken.
  Task<std::size_t> write_some(std::span<const std::string_view> pieces);

  /// Announces that nothing more will be sent.
  Task<void> shutdown();

  /// Cancels pending operations. The connection stays usable.
  void cancel();
  void close();

  bool secure() const { return std::holds_alternative<Secure>(stream_); }
  Socket& socket();
  boost::asio::any_io_executor executor() { return socket().get_executor(); }

 private:
  // OpenSSL's context must outlive its connections.
  struct SecureStream {
    SecureStream(Socket socket, std::shared_ptr<Tls> tls)
        : context(std::move(tls)), stream(std::move(socket), *context) {}
    std::shared_ptr<Tls> context;
    boost::asio::ssl::stream<Socket> stream;
  };
  using Secure = std::unique_ptr<SecureStream>;

  std::variant<Socket, Secure> stream_;
};

}  // namespace steno::http
