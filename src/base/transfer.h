#pragma once

#include <curl/curl.h>

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace steno {

/// libcurl's handles for one transfer after another, over kept connections. Throws
/// std::runtime_error if libcurl gives none. Not thread-safe; several objects are independent.
class TransferHandle {
 public:
  TransferHandle();
  TransferHandle(const TransferHandle&) = delete;
  TransferHandle& operator=(const TransferHandle&) = delete;
  ~TransferHandle();

  /// What options are set on.
  CURL* easy() const { return easy_; }

  /// Forgets the options of the last transfer and sets what all have in common: http and https
  /// alone, no signals, the program's name.
  void reset();

  /// Runs the transfer that is set up; nothing when `stop` came first, a fifth of a second at most
  /// after it.
  std::optional<CURLcode> run(const std::stop_token& stop);

 private:
  CURL* easy_;
  CURLM* multi_;
};

/// A header line's name in lower case and its value without the space around it. Nothing for a line
/// without a colon.
std::optional<std::pair<std::string, std::string>> parse_header(std::string_view line);

}  // namespace steno
