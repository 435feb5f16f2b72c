#include "models/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <string_view>

namespace steno::models {
namespace {

constexpr std::size_t kLargestBody = 16 << 20;
constexpr long kConnectSeconds = 20;
constexpr int kPollMilliseconds = 100;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

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
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    response.headers[lower(std::string(line.substr(0, colon)))] = trimmed(line.substr(colon + 1));
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

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string result = text;
  curl_free(text);
  return result;
}

std::unique_ptr<CURLU, UrlCleanup> parsed(const std::string& text) {
  std::unique_ptr<CURLU, UrlCleanup> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) url.reset();
  return url;
}

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

struct HttpClient::Handles {
  CURL* easy = curl_easy_init();
  CURLM* multi = curl_multi_init();
  long stall_seconds = 0;

  ~Handles() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }

  void set_up(const HttpRequest& request, Transfer& transfer, char* error_text) {
    curl_easy_reset(easy);  // keeps connections and the resolver's cache
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "steno/" STENO_VERSION);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, std::min(kConnectSeconds, stall_seconds));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, stall_seconds);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
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

  /// Runs the transfer that is set up; nothing when `stop` came first.
  std::optional<CURLcode> run(const std::stop_token& stop) {
    curl_multi_add_handle(multi, easy);
    std::optional<CURLcode> result;
    int running = 1;
    while (running > 0 && !stop.stop_requested()) {
      if (curl_multi_perform(multi, &running) != CURLM_OK) break;
      if (running > 0) curl_multi_poll(multi, nullptr, 0, kPollMilliseconds, nullptr);
    }
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) result = message->data.result;
    }
    // A name that is still being looked up must not hold up whoever asked to stop.
    if (!result) curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_multi_remove_handle(multi, easy);
    return result;
  }
};

HttpClient::HttpClient(std::chrono::seconds stall) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handles_ = std::make_unique<Handles>();
  handles_->stall_seconds = std::max<long>(1, static_cast<long>(stall.count()));
}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request, const BodySink& sink,
                                      const std::stop_token& stop) {
  Transfer transfer;
  transfer.easy = handles_->easy;
  transfer.sink = &sink;
  char error_text[CURL_ERROR_SIZE] = "";
  handles_->set_up(request, transfer, error_text);
  const auto code = handles_->run(stop);
  if (!code) return fail(Errc::cancelled, "interrupted");
  if (transfer.refused) return tl::unexpected(*transfer.refused);
  if (*code != CURLE_OK) {
    const std::string cause = error_text[0] != '\0' ? error_text : curl_easy_strerror(*code);
    return fail(Errc::unavailable, host_of(request.url) + ": " + cause);
  }
  long status = 0;
  curl_easy_getinfo(handles_->easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  char* redirect = nullptr;
  curl_easy_getinfo(handles_->easy, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) transfer.response.redirect = redirect;
  return std::move(transfer.response);
}

std::optional<std::string> origin(const std::string& url) {
  const auto parts = parsed(url);
  if (!parts) return std::nullopt;
  const std::string scheme = part_of(parts.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  return scheme + "://" + lower(part_of(parts.get(), CURLUPART_HOST)) + ":" +
         part_of(parts.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string host_of(const std::string& url) {
  const auto parts = parsed(url);
  if (!parts) return url;
  const std::string port = part_of(parts.get(), CURLUPART_PORT);
  return part_of(parts.get(), CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
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
