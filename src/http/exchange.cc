#include "http/exchange.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <stdexcept>
#include <vector>

#include "http/characters.h"
#include "http/event_channel.h"

namespace steno::http {
namespace {

// Larger bodies are compressed on another thread, so that they do not delay this thread's other
// connections.
constexpr std::size_t kQuickBytes = 32 * 1024;

bool has_token(const Headers& headers, std::string_view name, std::string_view token) {
  bool found = false;
  for_each_element(headers.joined(name), [&](std::string_view element) {
    found = found || equal_ignoring_case(element, token);
  });
  return found;
}

bool wants_keep_alive(const RequestHead& request) {
  if (has_token(request.headers, "Connection", "close")) return false;
  return request.minor_version == 1 || has_token(request.headers, "Connection", "keep-alive");
}

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc = {};
  gmtime_r(&now, &utc);
  std::array<char, 40> text;
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), size};
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

std::string chunk_size(std::size_t size) {
  std::array<char, 18> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size() - 2, size, 16).ptr;
  return std::string(text.data(), end) + "\r\n";
}

}  // namespace

Exchange::Exchange(Connection& connection, const RequestHead& request, BodyReader& body,
                   BlockingPool& blocking)
    : connection_(connection),
      request_(request),
      body_(body),
      blocking_(blocking),
      keep_alive_(wants_keep_alive(request)) {}

Exchange::~Exchange() {
  body_.on_done(nullptr);
  connection_.watch(nullptr);
  connection_.on_stop(nullptr);
  if (events_) events_->detach();
}

void Exchange::watch(std::function<void()> gone) {
  if (!gone) {
    connection_.watch(nullptr);
    return;
  }
  body_.on_done([this, gone = std::move(gone)]() mutable { connection_.watch(std::move(gone)); });
}

/// Closes the connection if part of the body is unread: those bytes would be parsed as the next
/// request.
void Exchange::settle_keep_alive() {
  keep_alive_ = keep_alive_ && !connection_.stopping() && body_.skip_received();
}

std::string Exchange::head(const Response& response, Framing framing, std::uint64_t length) {
  settle_keep_alive();
  status_ = response.status;
  std::string text = "HTTP/1.1 " + std::to_string(status_) + ' ';
  text += reason_phrase(status_);
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append("\r\n").append(name).append(": ").append(value);
  };
  add("Date", date());
  for (const auto& [name, value] : headers_) {
    const bool own = !equal_ignoring_case(name, "Vary") && response.headers.has(name);
    if (!own) add(name, value);
  }
  for (const auto& [name, value] : response.headers) add(name, value);
  if (!request_.id.empty()) add("X-Request-Id", request_.id);
  if (framing == Framing::chunked) add("Transfer-Encoding", "chunked");
  if (framing == Framing::length && !has_no_body(status_)) {
    add("Content-Length", std::to_string(length));
  }
  if (!keep_alive_) add("Connection", "close");
  if (keep_alive_ && request_.minor_version == 0) add("Connection", "keep-alive");
  return text + "\r\n\r\n";
}

Task<void> Exchange::compress(Response& response) {
  const std::string_view bytes = body_bytes(response);
  if (bytes.size() <= kQuickBytes) {
    replace_body(response, gzip(bytes));
    co_return;
  }
  const auto work = [bytes] { return gzip(bytes); };
  replace_body(response, co_await offload(blocking_, work));
}

Task<void> Exchange::send(Response response) {
  if (state_ != State::fresh) throw std::logic_error("a second answer to one request");
  Span span = fit(request_, response);
  const bool whole = span.size == body_size(response) && response.status != 304;
  if (whole && should_compress(request_, response)) {
    co_await compress(response);
    span = {0, body_size(response)};
  }
  const std::string start = head(response, Framing::length, span.size);
  state_ = State::streaming;
  const bool bodiless = request_.method == "HEAD" || has_no_body(status_);
  if (bodiless) {
    co_await connection_.write(start);
  } else if (auto* source = std::get_if<std::shared_ptr<ByteSource>>(&response.body)) {
    co_await connection_.write(start);
    co_await send_source(**source, span);
  } else {
    co_await connection_.write(start, body_bytes(response).substr(span.offset, span.size));
  }
  state_ = State::complete;
}

Task<void> Exchange::send_source(ByteSource& source, Span span) {
  std::vector<char> piece(std::min<std::uint64_t>(kPieceBytes, span.size));
  while (span.size > 0) {
    const auto wanted = std::min<std::uint64_t>(piece.size(), span.size);
    const std::span<char> into(piece.data(), wanted);
    const auto work = [&source, into, offset = span.offset] { return source.read(offset, into); };
    const std::size_t size = co_await offload(blocking_, work);
    // Content-Length has been sent, so the connection must break.
    if (size == 0) throw std::runtime_error("what is being sent has become shorter");
    co_await connection_.write({piece.data(), size});
    span.offset += size;
    span.size -= size;
  }
}

Task<void> Exchange::begin(Response response) {
  if (state_ != State::fresh) throw std::logic_error("a second answer to one request");
  framing_ = request_.minor_version == 1 ? Framing::chunked : Framing::until_close;
  if (framing_ == Framing::until_close) keep_alive_ = false;
  const std::string start = head(response, framing_, 0);
  state_ = State::streaming;
  co_await connection_.write(start);
  co_await write(body_bytes(response));
}

Task<void> Exchange::write(std::string_view piece) {
  if (state_ != State::streaming) throw std::logic_error("a piece of an answer that is not open");
  // An empty chunk would end the body.
  if (piece.empty() || request_.method == "HEAD") co_return;
  if (framing_ == Framing::until_close) {
    co_await connection_.write(piece);
    co_return;
  }
  const std::string size = chunk_size(piece.size());
  co_await connection_.write(size, piece, "\r\n");
}

Task<void> Exchange::finish() {
  if (state_ != State::streaming) throw std::logic_error("the end of an answer that is not open");
  if (framing_ == Framing::chunked && request_.method != "HEAD") {
    co_await connection_.write("0\r\n\r\n");
  }
  state_ = State::complete;
}

std::shared_ptr<EventChannel> Exchange::events() {
  events_ = std::make_shared<EventChannel>(*this);
  return events_;
}

}  // namespace steno::http
