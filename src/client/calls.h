#pragma once

#include <chrono>
#include <stop_token>

#include "client/client.h"
#include "client/exchange.h"

namespace steno::client {

/// Whether a call may be made twice.
enum class Again { safe, never };

/// Makes a call again as often as Patience allows, and turns the service's refusals into errors.
class Caller {
 public:
  Caller(Server server, Patience patience) : exchange_(std::move(server)), patience_(patience) {}

  /// An answer below 300, or why there is none. A service that nobody has reached yet is tried
  /// once: its address may be wrong.
  Result<Answer> call(const Request& request, Again again, const std::stop_token& stop);

  Exchange& exchange() { return exchange_; }
  const Patience& patience() const { return patience_; }

 private:
  Exchange exchange_;
  Patience patience_;
};

/// Waits that double from one to the next.
class BackOff {
 public:
  explicit BackOff(const Patience& patience) : patience_(patience) { reset(); }
  void reset() { next_ = patience_.first_wait; }
  std::chrono::milliseconds next();

 private:
  const Patience& patience_;
  std::chrono::milliseconds next_{};
};

}  // namespace steno::client
