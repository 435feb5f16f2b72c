#include "net/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include "base/url.h"

namespace steno::net {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kPollMilliseconds = 100;
constexpr std::size_t kMostHeaderBytes = 256 << 10;
constexpr std::size_t kMostErrorBody = 64 << 10;

struct Free {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(curl_mime* form) const { curl_mime_free(form); }
};
using HeaderList = std::unique_ptr<curl_slist, Free>;
using Form = std::unique_ptr<curl_mime, Free>;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

curl_off_t libcurl_size(std::optional<std::uint64_t> size) {
  return size ? static_cast<curl_off_t>(*size) : curl_off_t{-1};
}

bool is_credential(const std::string& header) {
  const std::string name = lower(header);
  return name == "authorization" || name == "cookie" || name == "proxy-authorization";
}

/// One transfer: its options, the data that libcurl's callbacks collect, and its result.
class Transfer {
 public:
  Transfer(Handles& handles, const HttpClientOptions& options, const Hop& hop, const BodySink& sink,
           bool& was_delivered, const std::stop_token& stop)
      : easy_(handles.easy()),
        multi_(handles.multi()),
        options_(options),
        hop_(hop),
        request_(hop.request),
        sink_(sink),
        was_delivered_(was_delivered),
        stop_(stop) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() { curl_easy_reset(easy_); }  // its targets end here; connections stay

  HttpResult run() {
    set_common();
    set_network();
    set_credentials();
    set_head();
    if (hop_.has_body) set_body();
    set_callbacks();
    return result_of(perform());
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }

  void set_common();
  void set_network();
  void set_credentials();
  void set_head();
  void set_body();
  void set_form();
  void set_callbacks();

  std::optional<CURLcode> perform();
  bool must_end();
  bool has_grace();
  HttpResult result_of(std::optional<CURLcode> code);
  HttpError error_of(CURLcode code) const;

  size_t take_header(std::string_view line);
  void complete_head();
  size_t take_body(std::span<const char> bytes);
  void keep_body(std::span<const char> bytes);
  struct Reading;
  size_t read_body(Reading& reading, std::span<char> into);
  bool rewind_body(Reading& reading);
  Reading* read_from(BodySource& source);

  void fail_with(HttpFailure kind, const std::string& words) {
    failed_ = failure(kind, hop_.url, words);
  }
  void fail_with(Error cause) {
    if (cause.code == Errc::cancelled) return fail_with(HttpFailure::cancelled, "interrupted");
    failed_ = failure(HttpFailure::body, hop_.url, cause.message);
    failed_->cause = std::move(cause);
  }

  static Transfer& of(void* context) { return *static_cast<Transfer*>(context); }
  static size_t on_header(char* data, size_t size, size_t count, void* context) {
    return of(context).take_header({data, size * count});
  }
  static size_t on_body(char* data, size_t size, size_t count, void* context) {
    return of(context).take_body({data, size * count});
  }
  static int on_progress(void* context, curl_off_t, curl_off_t received, curl_off_t,
                         curl_off_t sent) {
    auto& self = of(context);
    const auto bytes = std::pair(received, sent);
    if (std::exchange(self.progress_, bytes) != bytes) self.last_byte_ = SteadyClock::now();
    return 0;
  }
  static curl_socket_t on_socket(void* context, curlsocktype, curl_sockaddr* target);

  /// A source while it is read, as its callbacks get it.
  struct Reading {
    Transfer& transfer;
    BodySource& source;
    std::optional<std::uint64_t> size;
    std::uint64_t count = 0;
    bool is_at_end = false;
  };
  static size_t on_read(char* data, size_t size, size_t count, void* context) {
    auto& reading = *static_cast<Reading*>(context);
    return reading.transfer.read_body(reading, {data, size * count});
  }
  static int on_seek(void* context, curl_off_t offset, int origin) {
    auto& reading = *static_cast<Reading*>(context);
    const bool is_start = origin == SEEK_SET && offset == 0;
    return is_start && reading.transfer.rewind_body(reading) ? CURL_SEEKFUNC_OK
                                                             : CURL_SEEKFUNC_CANTSEEK;
  }

  CURL* const easy_;
  CURLM* const multi_;
  const HttpClientOptions& options_;
  const Hop& hop_;
  const HttpRequest& request_;
  const BodySink& sink_;
  bool& was_delivered_;
  const std::stop_token& stop_;

  HeaderList headers_;
  Form form_;
  std::vector<std::unique_ptr<Reading>> readings_;
  char error_text_[CURL_ERROR_SIZE] = "";

  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  bool is_blocked_ = false;
  bool is_cut_ = false;  ///< the rest of an error's body was not read
  std::pair<curl_off_t, curl_off_t> progress_{0, 0};
  SteadyClock::time_point last_byte_ = SteadyClock::now();
  std::optional<SteadyClock::time_point> stopped_;
  std::optional<HttpError> failed_;
  std::exception_ptr thrown_;
};

void Transfer::set_common() {
  curl_easy_reset(easy_);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, "steno/" STENO_VERSION);
  set(CURLOPT_BUFFERSIZE, 256L << 10);
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // A name that is still being looked up must not delay the end.
  set(CURLOPT_QUICK_EXIT, 1L);
  if (request_.times.connect.count() > 0) {
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.times.connect.count()));
  }
}

void Transfer::set_network() {
  if (options_.networks == HttpClientOptions::Networks::public_only) {
    set(CURLOPT_PROXY, "");  // not even from the environment: the proxy would connect for us
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
  }
  const auto set_file = [&](CURLoption option, const std::string& path) {
    if (!path.empty()) set(option, path.c_str());
  };
  set_file(CURLOPT_CAINFO, options_.trusted_certificates);
  set_file(CURLOPT_SSLCERT, options_.client_certificate);
  set_file(CURLOPT_SSLKEY, options_.client_key);
}

curl_socket_t Transfer::on_socket(void* context, curlsocktype, curl_sockaddr* target) {
  auto& self = of(context);
  const auto address = Address::of(target->addr);
  if (!address || !may_reach(*address, self.options_.allow_networks)) {
    self.is_blocked_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

void Transfer::set_credentials() {
  if (!hop_.has_credentials || request_.bearer_token.empty()) return;
  set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
  set(CURLOPT_XOAUTH2_BEARER, request_.bearer_token.c_str());
}

void Transfer::set_head() {
  set(CURLOPT_URL, hop_.url.c_str());
  if (request_.accepts_compressed) set(CURLOPT_ACCEPT_ENCODING, "");
  if (hop_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else {
    set(CURLOPT_CUSTOMREQUEST, hop_.method.c_str());
  }
  bool has_type = !request_.form.empty();  // libcurl gives a form its type
  const auto append = [this](const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  };
  for (const auto& [name, value] : request_.headers) {
    if (!hop_.has_credentials && is_credential(name)) continue;
    has_type = has_type || lower(name) == "content-type";
    append(name + (value.empty() ? ";" : ": " + value));
  }
  if (request_.range) {
    const auto& [first, last] = *request_.range;
    append("Range: bytes=" + std::to_string(first) + "-" +
           (last ? std::to_string(*last) : std::string()));
  }
  if (!has_type) append("Content-Type:");  // none instead of libcurl's form type
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::set_body() {
  if (!request_.form.empty()) return set_form();
  if (request_.source != nullptr) {
    Reading* const reading = read_from(*request_.source);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, libcurl_size(reading->size));
    set(CURLOPT_READFUNCTION, &Transfer::on_read);
    set(CURLOPT_READDATA, reading);
    set(CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    set(CURLOPT_SEEKDATA, reading);
    return;
  }
  const bool announces_no_body = hop_.method == "POST" || hop_.method == "PUT";
  if (request_.body.empty() && !announces_no_body) return;
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(CURLOPT_POSTFIELDS, request_.body.c_str());
}

Transfer::Reading* Transfer::read_from(BodySource& source) {
  const auto size = source.size();
  readings_.push_back(std::make_unique<Reading>(Reading{*this, source, size, 0, size == 0U}));
  return readings_.back().get();
}

void Transfer::set_form() {
  form_.reset(curl_mime_init(easy_));
  for (const FormPart& given : request_.form) {
    curl_mimepart* const part = curl_mime_addpart(form_.get());
    curl_mime_name(part, given.name.c_str());
    if (!given.content_type.empty()) curl_mime_type(part, given.content_type.c_str());
    if (given.source == nullptr) {
      curl_mime_data(part, given.value.data(), given.value.size());
      continue;
    }
    Reading* const reading = read_from(*given.source);
    curl_mime_filename(part, given.file_name.c_str());
    curl_mime_data_cb(part, libcurl_size(reading->size), &Transfer::on_read, &Transfer::on_seek,
                      nullptr, reading);
  }
  set(CURLOPT_MIMEPOST, form_.get());
}

void Transfer::set_callbacks() {
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  set(CURLOPT_XFERINFODATA, this);
}

/// libcurl's result; nothing if this side ended the transfer, with the reason in failed_.
std::optional<CURLcode> Transfer::perform() {
  curl_slist* const known_hosts = [this] {
    curl_slist* list = nullptr;
    for (const auto& host : options_.known_hosts) list = curl_slist_append(list, host.c_str());
    return list;
  }();
  const HeaderList owner(known_hosts);
  if (known_hosts != nullptr) set(CURLOPT_RESOLVE, known_hosts);

  curl_multi_add_handle(multi_, easy_);
  std::optional<CURLcode> result;
  {
    const std::stop_callback on_stop(stop_, [this] { curl_multi_wakeup(multi_); });
    for (int running = 1; running > 0 && !must_end();) {
      if (curl_multi_perform(multi_, &running) != CURLM_OK) break;
      if (running > 0) curl_multi_poll(multi_, nullptr, 0, kPollMilliseconds, nullptr);
    }
  }
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) result = message->data.result;
  }
  if (result) complete_head();
  curl_multi_remove_handle(multi_, easy_);
  return result;
}

/// Whether a stop or a time limit ends the transfer; failed_ is set then.
bool Transfer::must_end() {
  const auto now = SteadyClock::now();
  if (stop_.stop_requested() && !has_grace()) {
    fail_with(HttpFailure::cancelled, "interrupted");
  } else if (hop_.deadline && now >= *hop_.deadline) {
    fail_with(HttpFailure::timeout, "exceeded the time limit");
  } else if (request_.times.idle.count() > 0 && now - last_byte_ >= request_.times.idle) {
    fail_with(HttpFailure::timeout, "did not answer or send in time");
  } else {
    return false;
  }
  return true;
}

bool Transfer::has_grace() {
  if (!stopped_) stopped_ = SteadyClock::now();
  const bool is_sent = std::all_of(readings_.begin(), readings_.end(),
                                   [](const auto& reading) { return reading->is_at_end; });
  return is_sent && SteadyClock::now() - *stopped_ < request_.cancel_grace;
}

size_t Transfer::take_header(std::string_view line) {
  last_byte_ = SteadyClock::now();
  header_bytes_ += line.size();
  if (header_bytes_ > kMostHeaderBytes) {
    fail_with(HttpFailure::broken, "sends too many headers");
    return 0;
  }
  if (line.starts_with("HTTP/")) response_.headers.clear();  // an interim response came before
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string& value = response_.headers[lower(line.substr(0, colon))];
  if (!value.empty()) value += ", ";
  value += trimmed(line.substr(colon + 1));
  return line.size();
}

/// Takes the values that libcurl reads from the headers itself.
void Transfer::complete_head() {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  response_.url = hop_.url;
  curl_off_t length = -1;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length >= 0) response_.length = static_cast<std::uint64_t>(length);
  curl_off_t wait = 0;
  curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &wait);
  if (response_.headers.contains("retry-after")) response_.retry_after = std::chrono::seconds(wait);
  char* redirect = nullptr;
  curl_easy_getinfo(easy_, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) response_.redirect = redirect;
}

size_t Transfer::take_body(std::span<const char> bytes) {
  last_byte_ = SteadyClock::now();
  if (body_bytes_ == 0) complete_head();
  body_bytes_ += bytes.size();
  if (response_.status / 100 != 2) {
    const std::size_t room = kMostErrorBody - response_.body.size();
    is_cut_ = bytes.size() > room;
    response_.body.append(bytes.data(), std::min(room, bytes.size()));
    return is_cut_ ? CURL_WRITEFUNC_ERROR : bytes.size();
  }
  try {
    keep_body(bytes);
  } catch (...) {  // libcurl is C: the caller gets it when libcurl has returned
    thrown_ = std::current_exception();
  }
  return failed_ || thrown_ ? CURL_WRITEFUNC_ERROR : bytes.size();
}

void Transfer::keep_body(std::span<const char> bytes) {
  const auto announced = response_.length.value_or(0);
  if (std::max(body_bytes_, announced) > request_.max_body) {
    return fail_with(
        HttpFailure::too_large,
        "holds more than the " + std::to_string(request_.max_body) + " bytes that are allowed");
  }
  if (!sink_) {
    response_.body.append(bytes.data(), bytes.size());
    return;
  }
  was_delivered_ = true;
  if (auto taken = sink_(response_, std::as_bytes(bytes)); !taken) fail_with(taken.error());
}

size_t Transfer::read_body(Reading& reading, std::span<char> into) {
  try {
    const auto count = reading.source.read(into, stop_);
    last_byte_ = SteadyClock::now();
    if (!count) {
      fail_with(count.error());
      return CURL_READFUNC_ABORT;
    }
    reading.count += *count;
    reading.is_at_end = *count == 0 || reading.count == reading.size;
    return *count;
  } catch (...) {
    thrown_ = std::current_exception();
    return CURL_READFUNC_ABORT;
  }
}

bool Transfer::rewind_body(Reading& reading) {
  try {
    if (!reading.source.rewind()) return false;
    reading.count = 0;
    reading.is_at_end = reading.size == 0U;
    return true;
  } catch (...) {
    thrown_ = std::current_exception();
    return false;
  }
}

HttpResult Transfer::result_of(std::optional<CURLcode> code) {
  if (thrown_) std::rethrow_exception(thrown_);
  if (failed_) return tl::unexpected(*failed_);
  if (!code) return tl::unexpected(failure(HttpFailure::broken, hop_.url, "libcurl failed"));
  const bool is_error_status = response_.status >= 300;  // its body is not worth a failure
  if (*code != CURLE_OK && !is_cut_ && !is_error_status) return tl::unexpected(error_of(*code));
  return std::move(response_);
}

HttpError Transfer::error_of(CURLcode code) const {
  if (is_blocked_) {
    return failure(HttpFailure::blocked, hop_.url,
                   "is or leads to an address in a network that may not be reached");
  }
  // Only libcurl's general words: its detailed ones may hold addresses and parts of the URL.
  const auto general = [&](HttpFailure kind, const char* words) {
    HttpError error = failure(kind, hop_.url, words);
    error.detail = error_text_;
    return error;
  };
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return general(HttpFailure::bad_url, "not an http or https URL");
    case CURLE_OPERATION_TIMEDOUT:
      return general(HttpFailure::timeout, "did not answer or send in time");
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_PEER_FAILED_VERIFICATION:
      return general(HttpFailure::unreachable, curl_easy_strerror(code));
    default:
      return general(HttpFailure::broken, curl_easy_strerror(code));
  }
}

}  // namespace

HttpError failure(HttpFailure kind, const std::string& url, const std::string& reason) {
  const std::string host = host_of(url);
  return {kind, host.empty() ? "the URL" : host, reason};
}

HttpResult transfer(Handles& handles, const HttpClientOptions& options, const Hop& hop,
                    const BodySink& sink, bool& was_delivered, const std::stop_token& stop) {
  return Transfer(handles, options, hop, sink, was_delivered, stop).run();
}

}  // namespace steno::net
