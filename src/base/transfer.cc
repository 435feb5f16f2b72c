#include "base/transfer.h"

#include <algorithm>
#include <cctype>
#include <mutex>
#include <stdexcept>

namespace steno {
namespace {

constexpr int kPollMilliseconds = 100;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

TransferHandle::TransferHandle() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  easy_ = curl_easy_init();
  multi_ = curl_multi_init();
  if (easy_ == nullptr || multi_ == nullptr) throw std::runtime_error("libcurl cannot be used");
}

TransferHandle::~TransferHandle() {
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
}

void TransferHandle::reset() {
  curl_easy_reset(easy_);  // keeps connections and the resolver's cache
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "steno/" STENO_VERSION);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, 256L << 10);
}

std::optional<CURLcode> TransferHandle::run(const std::stop_token& stop) {
  curl_multi_add_handle(multi_, easy_);
  std::optional<CURLcode> result;
  int running = 1;
  while (running > 0 && !stop.stop_requested()) {
    if (curl_multi_perform(multi_, &running) != CURLM_OK) break;
    if (running > 0) curl_multi_poll(multi_, nullptr, 0, kPollMilliseconds, nullptr);
  }
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) result = message->data.result;
  }
  // A name that is still being looked up must not hold up whoever asked to stop.
  if (!result) curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
  curl_multi_remove_handle(multi_, easy_);
  return result;
}

std::optional<std::pair<std::string, std::string>> parse_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::pair(std::move(name), std::string(trimmed(line.substr(colon + 1))));
}

}  // namespace steno
