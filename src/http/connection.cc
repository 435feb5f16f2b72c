#include "http/connection.h"

#include <algorithm>

#include "http/problem.h"

namespace steno::http {
namespace {

// The most bytes that are read ahead while a request is being answered.
constexpr std::size_t kEarlyBytes = 256;
constexpr std::size_t kMostEarlyBytes = 16 * 1024;
constexpr std::chrono::seconds kLinger(2);
constexpr std::size_t kLingerBytes = 64 * 1024 * 1024;

/// Removes the first `size` bytes from `pieces`.
void drop(std::span<std::string_view> pieces, std::size_t size) {
  for (std::string_view& piece : pieces) {
    const std::size_t part = std::min(size, piece.size());
    piece.remove_prefix(part);
    size -= part;
  }
}

}  // namespace

Connection::Connection(Transport transport, const ServerLimits& limits)
    : transport_(std::move(transport)), limits_(limits) {}

Task<bool> Connection::handshake() {
  deadline_ = Clock::now() + limits_.header_timeout;
  const bool done = co_await transport_.handshake();
  deadline_.reset();
  co_return done;
}

std::string_view Connection::buffered() const {
  return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
}

Task<bool> Connection::fill(std::size_t size, Clock::time_point deadline) {
  timed_out_ = false;
  deadline_ = deadline;
  bool filled = false;
  if (reading_early_) {
    const std::size_t before = buffer_.size();
    early_read_done_.emplace(executor());
    while (reading_early_) co_await early_read_done_->wait();
    early_read_done_.reset();
    filled = buffer_.size() > before;
  } else if (!gone_) {
    const auto space = buffer_.prepare(size);
    const std::span<char> into(static_cast<char*>(space.data()), space.size());
    const std::size_t read = co_await transport_.read_some(into);
    buffer_.commit(read);
    filled = read > 0;
  }
  deadline_.reset();
  co_return filled;
}

Task<void> Connection::write(std::string_view first, std::string_view second,
                             std::string_view third) {
  std::array<std::string_view, 3> pieces = {first, second, third};
  std::size_t left = first.size() + second.size() + third.size();
  std::size_t since_deadline = kPieceBytes;
  while (left > 0) {
    if (since_deadline >= kPieceBytes) {
      deadline_ = Clock::now() + limits_.write_timeout;
      since_deadline = 0;
    }
    const std::size_t written = co_await transport_.write_some(pieces);
    if (written == 0) throw ClientGone();
    sent_bytes_ += written;
    since_deadline += written;
    left -= written;
    drop(pieces, written);
  }
  deadline_.reset();
}

void Connection::watch(std::function<void()> gone) {
  on_gone_ = std::move(gone);
  if (on_gone_ && !reading_early_ && !gone_) start_early_read();
}

void Connection::start_early_read() {
  // A client that has sent this much ahead is not watched any more; a failing write reports it.
  if (buffer_.size() >= kMostEarlyBytes) return;
  reading_early_ = true;
  // A buffer of its own, because buffer_ is consumed during the read.
  early_bytes_.resize(kEarlyBytes);
  auto done = [self = shared_from_this()](std::size_t size) { self->finish_early_read(size); };
  transport_.start_read(early_bytes_, std::move(done));
}

void Connection::finish_early_read(std::size_t size) {
  reading_early_ = false;
  const auto from = boost::asio::buffer(early_bytes_, size);
  buffer_.commit(boost::asio::buffer_copy(buffer_.prepare(size), from));
  if (size == 0) {
    notice_gone();
  } else if (on_gone_ && !early_read_done_) {
    start_early_read();
  }
  if (early_read_done_) early_read_done_->notify();
}

void Connection::notice_gone() {
  gone_ = true;
  if (const auto gone = std::exchange(on_gone_, nullptr)) gone();
}

Task<void> Connection::linger() {
  // One deadline covers everything, including TLS's close notification.
  const auto deadline = Clock::now() + kLinger;
  deadline_ = deadline;
  co_await transport_.shutdown();
  std::size_t taken = 0;
  while (taken < kLingerBytes && !stopping_ && !gone_ && Clock::now() < deadline &&
         co_await fill(kPieceBytes, deadline)) {
    taken += buffer_.size();
    buffer_.consume(buffer_.size());
  }
  transport_.close();
}

void Connection::check_deadline(Clock::time_point now) {
  if (!deadline_ || now < *deadline_) return;
  timed_out_ = true;
  transport_.cancel();
}

void Connection::stop() {
  stopping_ = true;
  if (phase_ == Phase::idle) transport_.close();
  if (const auto stop = std::exchange(on_stop_, nullptr)) stop();
}

void Connection::cut() {
  stopping_ = true;
  transport_.close();
  notice_gone();
}

std::string Connection::remote_address() {
  boost::system::error_code error;
  const auto endpoint = transport_.socket().remote_endpoint(error);
  if (error) return {};
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace steno::http
