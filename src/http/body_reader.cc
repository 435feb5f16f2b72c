#include "http/body_reader.h"

#include <algorithm>

#include "http/problem.h"

namespace steno::http {
namespace {

using Clock = Connection::Clock;

constexpr std::size_t kSkipBytes = 64 * 1024;
// The most bytes that may wait for the end of a chunk's header or of the trailers.
constexpr std::size_t kFramingBytes = 16 * 1024;

ProblemError too_large(std::uint64_t limit) {
  return ProblemError({413, "body_too_large",
                       "the body may have at most " + std::to_string(limit) + " bytes here"});
}

}  // namespace

BodyReader::BodyReader(Connection& connection, std::unique_ptr<BodyDecoder> decoder,
                       std::optional<std::uint64_t> length, Expectation expectation)
    : connection_(connection),
      decoder_(std::move(decoder)),
      length_(length),
      expectation_(expectation) {}

Task<std::string_view> BodyReader::next() {
  if (done()) co_return std::string_view();
  if (length_ && *length_ > limit_) throw too_large(limit_);
  co_await send_continue();
  piece_.resize(kPieceBytes);
  std::size_t size = decode();
  while (size == 0 && !decoder_->done()) {
    co_await receive();
    size = decode();
  }
  received_ += size;
  if (received_ > limit_) throw too_large(limit_);
  if (decoder_->done()) {
    end();
    piece_.resize(size);  // keeps only the part that is still used
  }
  co_return std::string_view(piece_.data(), size);
}

Task<void> BodyReader::send_continue() {
  if (std::exchange(expectation_, Expectation::none) == Expectation::none) co_return;
  if (connection_.buffered().empty()) co_await connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

std::size_t BodyReader::decode() {
  const auto step = decoder_->decode(connection_.buffered(), piece_);
  if (!step) throw ProblemError({400, "malformed_body", step.error().message});
  connection_.consume(step->consumed);
  return step->produced;
}

Task<void> BodyReader::receive() {
  if (connection_.buffered().size() >= kFramingBytes) {
    throw ProblemError({400, "malformed_body", "a chunk's header or the trailers are too long"});
  }
  const auto start = Clock::now();
  const bool more = co_await connection_.fill(kPieceBytes, deadline());
  waited_ += Clock::now() - start;
  if (more) co_return;
  if (!connection_.timed_out()) throw ClientGone();
  throw ProblemError({408, "body_timeout", "the body comes too slowly"});
}

/// The read fails when no byte arrives for too long, or when the average rate is too low.
Clock::time_point BodyReader::deadline() const {
  const ServerLimits& limits = connection_.limits();
  Clock::duration wait = limits.body_idle_timeout;
  if (limits.body_bytes_per_s > 0) {
    const std::chrono::duration<double> earned(static_cast<double>(received_) /
                                               static_cast<double>(limits.body_bytes_per_s));
    const std::chrono::duration<double> allowed = limits.body_rate_grace + earned - waited_;
    const std::chrono::duration<double> at_most =
        std::clamp<std::chrono::duration<double>>(allowed, std::chrono::seconds(0), wait);
    wait = std::chrono::duration_cast<Clock::duration>(at_most);
  }
  return Clock::now() + wait;
}

bool BodyReader::skip_received() {
  if (done()) return true;
  if (expectation_ != Expectation::none || connection_.gone()) return false;
  std::string scratch(4096, '\0');
  for (std::size_t skipped = 0; skipped < kSkipBytes && !decoder_->done();) {
    const auto step = decoder_->decode(connection_.buffered(), scratch);
    if (!step || step->consumed == 0) return false;
    connection_.consume(step->consumed);
    skipped += step->consumed;
  }
  if (decoder_->done()) end();
  return done();
}

void BodyReader::on_done(std::function<void()> on_done) {
  on_done_ = std::move(on_done);
  if (done()) end();
}

void BodyReader::end() {
  decoder_.reset();
  if (const auto call = std::exchange(on_done_, nullptr)) call();
}

}  // namespace steno::http
