#include "http/transport.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/container/static_vector.hpp>

namespace steno::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

auto into_error(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

using Buffers = boost::container::static_vector<asio::const_buffer, 4>;

}  // namespace

Transport::Transport(Socket socket, std::shared_ptr<Tls> tls) : stream_(std::move(socket)) {
  if (tls == nullptr) return;
  auto secure =
      std::make_unique<SecureStream>(std::move(std::get<Socket>(stream_)), std::move(tls));
  stream_ = std::move(secure);
}

Transport::Socket& Transport::socket() {
  if (auto* secure = std::get_if<Secure>(&stream_)) return (*secure)->stream.next_layer();
  return std::get<Socket>(stream_);
}

Task<bool> Transport::handshake() {
  error_code error;
  if (auto* secure = std::get_if<Secure>(&stream_)) {
    co_await (*secure)->stream.async_handshake(asio::ssl::stream_base::server, into_error(error));
  }
  co_return !error;
}

Task<std::size_t> Transport::read_some(std::span<char> into) {
  error_code error;
  const asio::mutable_buffer buffer(into.data(), into.size());
  std::size_t size = 0;
  if (auto* secure = std::get_if<Secure>(&stream_)) {
    size = co_await (*secure)->stream.async_read_some(buffer, into_error(error));
  } else {
    size = co_await std::get<Socket>(stream_).async_read_some(buffer, into_error(error));
  }
  co_return error ? 0 : size;
}

void Transport::start_read(std::span<char> into, ReadDone done) {
  const asio::mutable_buffer buffer(into.data(), into.size());
  auto handler = [done = std::move(done)](error_code error, std::size_t size) {
    done(error ? 0 : size);
  };
  if (auto* secure = std::get_if<Secure>(&stream_)) {
    (*secure)->stream.async_read_some(buffer, std::move(handler));
  } else {
    std::get<Socket>(stream_).async_read_some(buffer, std::move(handler));
  }
}

Task<std::size_t> Transport::write_some(std::span<const std::string_view> pieces) {
  Buffers buffers;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) buffers.emplace_back(piece.data(), piece.size());
  }
  error_code error;
  std::size_t size = 0;
  if (auto* secure = std::get_if<Secure>(&stream_)) {
    size = co_await (*secure)->stream.async_write_some(buffers, into_error(error));
  } else {
    size = co_await std::get<Socket>(stream_).async_write_some(buffers, into_error(error));
  }
  co_return error ? 0 : size;
}

Task<void> Transport::shutdown() {
  error_code error;
  if (auto* secure = std::get_if<Secure>(&stream_)) {
    co_await (*secure)->stream.async_shutdown(into_error(error));
  }
  socket().shutdown(Socket::shutdown_send, error);
}

void Transport::cancel() {
  error_code error;
  socket().cancel(error);
}

void Transport::close() {
  error_code error;
  socket().close(error);
}

}  // namespace steno::http
