#include "fetch/exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <memory>

#include "base/url.h"

namespace steno::fetch {
namespace {

constexpr std::size_t kMostHeaderBytes = 256 << 10;
/// Of an answer that is not taken: less is read to its end, which keeps the connection.
constexpr std::size_t kMostIgnoredBytes = 64 << 10;

/// What libcurl's callbacks work on.
struct State {
  CURL* easy = nullptr;
  const FetchOptions* options = nullptr;
  const BodySink* sink = nullptr;
  Answer answer;
  std::size_t header_bytes = 0;
  std::size_t ignored_bytes = 0;
  bool is_blocked = false;
  std::optional<FetchError> refused;
  std::exception_ptr thrown;
};

/// The only way to a host: no socket, no connection, whatever its name or spelling.
curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* target) {
  auto& state = *static_cast<State*>(context);
  const auto address = Address::of(target->addr);
  if (!address || !may_reach(*address, state.options->allow_networks)) {
    state.is_blocked = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

void take_header(Answer& answer, std::string_view line) {
  if (line.starts_with("HTTP/")) answer = {};  // an interim answer came before
  auto header = parse_header(line);
  if (!header) return;
  auto& [name, value] = *header;
  if (name == "etag") {
    answer.etag = std::move(value);
  } else if (name == "last-modified") {
    answer.last_modified = std::move(value);
  } else if (name == "content-range") {
    answer.content_range = std::move(value);
  } else if (name == "content-type") {
    answer.content_type = std::move(value);
  }
}

size_t on_header(char* data, size_t size, size_t count, void* context) {
  auto& state = *static_cast<State*>(context);
  state.header_bytes += size * count;
  if (state.header_bytes > kMostHeaderBytes) return 0;
  take_header(state.answer, {data, size * count});
  return size * count;
}

/// What libcurl reads out of the headers itself.
void complete_head(State& state) {
  long status = 0;
  curl_easy_getinfo(state.easy, CURLINFO_RESPONSE_CODE, &status);
  state.answer.status = static_cast<int>(status);
  curl_off_t length = -1;
  curl_easy_getinfo(state.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length >= 0) state.answer.length = static_cast<std::uint64_t>(length);
  curl_off_t wait = 0;
  curl_easy_getinfo(state.easy, CURLINFO_RETRY_AFTER, &wait);
  state.answer.retry_after = std::chrono::seconds(wait);
}

size_t on_body(char* data, size_t size, size_t count, void* context) {
  auto& state = *static_cast<State*>(context);
  complete_head(state);
  const std::span bytes(data, size * count);
  if (state.answer.status / 100 != 2) {
    state.ignored_bytes += bytes.size();
    return state.ignored_bytes > kMostIgnoredBytes ? CURL_WRITEFUNC_ERROR : bytes.size();
  }
  try {
    state.refused = (*state.sink)(state.answer, std::as_bytes(bytes));
  } catch (...) {  // libcurl is C: the caller gets it when libcurl is out of the way
    state.thrown = std::current_exception();
  }
  return state.refused || state.thrown ? CURL_WRITEFUNC_ERROR : bytes.size();
}

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

Headers headers_of(const Request& request) {
  const std::string condition = "If-Range: " + request.validator;
  return {request.from > 0 ? curl_slist_append(nullptr, condition.c_str()) : nullptr,
          &curl_slist_free_all};
}

void set_up(TransferHandle& transfer, const Request& request, const Headers& headers,
            State& state) {
  CURL* const easy = transfer.easy();
  const auto timeout = std::max<long>(1, static_cast<long>(request.timeout.count()));
  const auto connect = static_cast<long>(state.options->connect_timeout.count());
  transfer.reset();
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // not even from the environment
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &state);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::clamp<long>(connect, 1, timeout));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(state.options->stall_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &state);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &state);
  if (request.from > 0) {
    const std::string range = std::to_string(request.from) + "-";
    curl_easy_setopt(easy, CURLOPT_RANGE, range.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  }
}

/// Only libcurl's general words: its detailed ones may hold addresses and parts of the URL.
FetchError failure_of(CURLcode code, const std::string& url) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return failure("fetch_bad_url", url, "not an http or https URL", Retry::never);
    case CURLE_OPERATION_TIMEDOUT:
      return failure("fetch_timeout", url, "did not answer or send in time", Retry::later);
    default:
      return failure("fetch_failed", url, curl_easy_strerror(code), Retry::later);
  }
}

}  // namespace

FetchError failure(const char* code, const std::string& url, const std::string& what, Retry retry) {
  const std::string host = host_of(url);
  return {code, (host.empty() ? "the URL" : host) + ": " + what, retry};
}

tl::expected<Answer, FetchError> exchange(TransferHandle& transfer, const FetchOptions& options,
                                          const Request& request, const BodySink& sink,
                                          const std::stop_token& stop) {
  State state;
  state.easy = transfer.easy();
  state.options = &options;
  state.sink = &sink;
  const Headers headers = headers_of(request);
  set_up(transfer, request, headers, state);
  const auto code = transfer.run(stop);
  if (!code) {
    return tl::unexpected(failure("fetch_cancelled", request.url, "interrupted", Retry::later));
  }
  if (state.thrown) std::rethrow_exception(state.thrown);
  if (state.refused) return tl::unexpected(*state.refused);
  complete_head(state);
  const bool is_refusal = state.answer.status >= 400;  // whose body may have been too long to read
  if (*code != CURLE_OK && !is_refusal) {
    if (!state.is_blocked) return tl::unexpected(failure_of(*code, request.url));
    return tl::unexpected(failure("fetch_blocked", request.url,
                                  "is or leads to an address in a network that may not be reached",
                                  Retry::never));
  }
  char* redirect = nullptr;
  curl_easy_getinfo(state.easy, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) state.answer.redirect = redirect;
  return std::move(state.answer);
}

}  // namespace steno::fetch
