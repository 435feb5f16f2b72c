#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/connection.h"
#include "http/message_parser.h"
#include "http/request.h"

namespace steno::http {

enum class Expectation { none, continue_100 };

/// Reads a request's body from its connection. Enforces the size and rate limits, and sends "100
/// Continue".
class BodyReader final : public BodySource {
 public:
  /// `decoder` is null for a request without a body.
  BodyReader(Connection& connection, std::unique_ptr<BodyDecoder> decoder,
             std::optional<std::uint64_t> length, Expectation expectation);

  Task<std::string_view> next() override;
  void limit(std::uint64_t bytes) override { limit_ = bytes; }

  /// Skips the rest of the body if it has already been received, so that the connection can be
  /// kept. Returns true if nothing of the body is left.
  bool skip_received();

  bool done() const { return decoder_ == nullptr; }
  std::uint64_t received() const { return received_; }
  /// Called once when the body has been read to its end.
  void on_done(std::function<void()> done);

 private:
  Task<void> send_continue();
  Task<void> receive();
  std::size_t decode();
  Connection::Clock::time_point deadline() const;
  void end();

  Connection& connection_;
  std::unique_ptr<BodyDecoder> decoder_;
  std::optional<std::uint64_t> length_;
  Expectation expectation_;
  std::uint64_t limit_ = UINT64_MAX;
  std::uint64_t received_ = 0;
  std::string piece_;
  std::chrono::steady_clock::duration waited_{};
  std::function<void()> on_done_;
};

}  // namespace steno::http
