#pragma once

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace steno::http {

/// An answer as a client received it, without chunk framing.
struct Answer {
  int status = 0;    ///< 0: the connection ended before one
  std::string head;  ///< status line and header
  std::string body;
  /// The value of a header, "" if there is none.
  std::string header(std::string_view name) const;
};

/// A blocking client that sends valid and invalid requests. Every wait ends after 10 s.
class Client {
 public:
  enum class Kind { plain, tls };

  explicit Client(const std::string& address, Kind kind = Kind::plain);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes);
  /// Sends `GET path` with Host and further header lines, each with its CR LF.
  void get(std::string_view path, std::string_view more = "");

  /// Reads the next answer, without a body for HEAD.
  Answer read(std::string_view method = "GET");
  /// Reads until `text` has arrived. Returns everything up to its end, or up to the connection's
  /// end.
  std::string read_until(std::string_view text);
  /// Everything up to the connection's end.
  std::string read_all();
  /// Whether the server closes the connection within `patience`.
  bool is_closed(std::chrono::milliseconds patience = std::chrono::seconds(10));
  /// Closes the sending side.
  void shutdown();
  /// Limits the receive buffer, so that the server cannot send much more.
  void shrink_receive_buffer();

  /// The certificate's subject, over TLS.
  std::string server_name() const;

 private:
  bool receive();
  std::string take(std::size_t size);
  std::string read_chunks();

  int socket_ = -1;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> tls_;
  std::string received_;
  bool ended_ = false;
};

}  // namespace steno::http
