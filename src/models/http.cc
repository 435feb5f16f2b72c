#include "models/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/transfer.h"
#include "base/url.h"

namespace steno::models {
namespace {

constexpr std::size_t kLargestBody = 16 << 20;
constexpr long kConnectSeconds = 20;

/// What libcurl's callbacks work on during one transfer.
struct Transfer {
  CURL* easy = nullptr;
  HttpResponse response;
  const BodySink* sink = nullptr;
  std::optional<Error> refused;
};

size_t on_header(char* data, size_t size, size_t count, void* context) {
  auto& response = static_cast<Transfer*>(context)->response;
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) response.headers.clear();  // an interim answer came before
  if (auto header = parse_header(line)) {
    response.headers[std::move(header->first)] = std::move(header->second);
  }
  return size * count;
}

size_t on_body(char* data, size_t size, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  auto& response = transfer.response;
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  const std::span bytes(data, size * count);
  if (status / 100 == 2 && *transfer.sink) {
    if (auto taken = (*transfer.sink)(response, std::as_bytes(bytes)); !taken) {
      transfer.refused = taken.error();
      return CURL_WRITEFUNC_ERROR;
    }
  } else if (response.body.size() + bytes.size() <= kLargestBody) {
    response.body.append(bytes.begin(), bytes.end());
  } else {
    transfer.refused = Error{Errc::unavailable, "the answer is too long"};
    return CURL_WRITEFUNC_ERROR;
  }
  return bytes.size();
}

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

struct HttpClient::Handles {
  TransferHandle transfer;
  long stall_seconds = 0;

  void set_up(const HttpRequest& request, Transfer& state, char* error_text) {
    CURL* const easy = transfer.easy();
    transfer.reset();
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, std::min(kConnectSeconds, stall_seconds));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, stall_seconds);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &state);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &state);
    if (request.head) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (!request.token.empty()) {
      curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, request.token.c_str());
    }
    if (request.range_from > 0) {
      const std::string range = std::to_string(request.range_from) + "-";
      curl_easy_setopt(easy, CURLOPT_RANGE, range.c_str());
    }
  }
};

HttpClient::HttpClient(std::chrono::seconds stall) {
  handles_ = std::make_unique<Handles>();
  handles_->stall_seconds = std::max<long>(1, static_cast<long>(stall.count()));
}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request, const BodySink& sink,
                                      const std::stop_token& stop) {
  Transfer transfer;
  transfer.easy = handles_->transfer.easy();
  transfer.sink = &sink;
  char error_text[CURL_ERROR_SIZE] = "";
  handles_->set_up(request, transfer, error_text);
  const auto code = handles_->transfer.run(stop);
  if (!code) return fail(Errc::cancelled, "interrupted");
  if (transfer.refused) return tl::unexpected(*transfer.refused);
  if (*code != CURLE_OK) {
    const std::string cause = error_text[0] != '\0' ? error_text : curl_easy_strerror(*code);
    return fail(Errc::unavailable, host_of(request.url) + ": " + cause);
  }
  long status = 0;
  curl_easy_getinfo(handles_->transfer.easy(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  char* redirect = nullptr;
  curl_easy_getinfo(handles_->transfer.easy(), CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) transfer.response.redirect = redirect;
  return std::move(transfer.response);
}

std::string escaped(const std::string& path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const unsigned char c : path) {
    if (std::isalnum(c) ||
        std::string_view("-._~/").find(static_cast<char>(c)) != std::string::npos) {
      result += static_cast<char>(c);
    } else {
      result += {'%', kHex[c >> 4], kHex[c & 15]};
    }
  }
  return result;
}

}  // namespace steno::models
