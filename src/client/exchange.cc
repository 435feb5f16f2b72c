#include "client/exchange.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/url.h"
#include "client/upload_file.h"

namespace steno::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long kConnectSeconds = 10;
// A transcript of some days of speech.
constexpr std::size_t kLargestBody = std::size_t{1} << 30;

/// What libcurl's callbacks work on during one exchange.
struct Course {
  const Request& request;
  const std::stop_token& stop;
  CURL* easy;
  Answer answer = {};
  std::uint64_t sent = 0;  // bytes of the file
  bool body_sent = false;
  std::optional<Clock::time_point> stopped = {};
  std::optional<Error> failure = {};
};

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

struct FreeMime {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
using Mime = std::unique_ptr<curl_mime, FreeMime>;

size_t on_header(char* bytes, size_t size, size_t count, void* context) {
  auto& answer = static_cast<Course*>(context)->answer;
  const std::string_view line(bytes, size * count);
  if (line.starts_with("HTTP/")) answer.headers.clear();  // an interim answer came before
  if (auto header = parse_header(line)) answer.headers.insert(*std::move(header));
  return size * count;
}

size_t on_body(char* bytes, size_t size, size_t count, void* context) {
  auto& course = *static_cast<Course*>(context);
  const std::string_view piece(bytes, size * count);
  long status = 0;
  curl_easy_getinfo(course.easy, CURLINFO_RESPONSE_CODE, &status);
  if (status == 200 && course.request.sink) {
    course.request.sink(piece);
  } else if (course.answer.body.size() + piece.size() <= kLargestBody) {
    course.answer.body += piece;
  } else {
    course.failure = Error{Errc::unavailable, "the service's answer is too long"};
    return CURL_WRITEFUNC_ERROR;
  }
  return piece.size();
}

size_t on_read(char* buffer, size_t size, size_t count, void* context) {
  auto& course = *static_cast<Course*>(context);
  const auto got = course.request.file->read(std::span(buffer, size * count), course.stop);
  if (!got) {
    course.failure = got.error();
    return CURL_READFUNC_ABORT;
  }
  course.sent += *got;
  const auto expected = course.request.file->size();
  if (*got == 0 && expected && course.sent < *expected) {
    course.failure = Error{Errc::io, course.request.file->name() + ": cut short while it was sent"};
    return CURL_READFUNC_ABORT;
  }
  if (*got == 0 || course.sent == expected) course.body_sent = true;
  return *got;
}

int on_seek(void* context, curl_off_t offset, int origin) {
  auto& course = *static_cast<Course*>(context);
  const bool is_start = origin == SEEK_SET && offset == 0;
  if (!is_start || !course.request.file->rewind()) return CURL_SEEKFUNC_CANTSEEK;
  course.sent = 0;
  return CURL_SEEKFUNC_OK;
}

// Ends the exchange when it was asked to stop, after the grace that the request gives.
int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& course = *static_cast<Course*>(context);
  if (!course.stop.stop_requested()) return 0;
  if (!course.stopped) course.stopped = Clock::now();
  const bool may_wait = course.body_sent || course.request.file == nullptr;
  return may_wait && Clock::now() - *course.stopped < course.request.answer_grace ? 0 : 1;
}

Mime form_of(Course& course) {
  Mime mime(curl_mime_init(course.easy));
  for (const auto& [name, value] : *course.request.form) {
    curl_mimepart* const part = curl_mime_addpart(mime.get());
    curl_mime_name(part, name.c_str());
    curl_mime_data(part, value.data(), value.size());
  }
  if (course.request.file == nullptr) return mime;
  curl_mimepart* const part = curl_mime_addpart(mime.get());
  const UploadFile& file = *course.request.file;
  curl_mime_name(part, "file");
  curl_mime_filename(part, file.name().c_str());
  curl_mime_type(part, "application/octet-stream");
  const auto size = file.size() ? static_cast<curl_off_t>(*file.size()) : curl_off_t{-1};
  curl_mime_data_cb(part, size, on_read, on_seek, nullptr, &course);
  if (file.size() == 0U) course.body_sent = true;
  return mime;
}

HeaderList headers_of(const Request& request) {
  HeaderList list;
  for (const auto& [name, value] : request.headers) {
    std::string line = name;
    line += ": ";
    line += value;
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

// Failures after which nobody knows whether there is a server at the address.
bool is_without_contact(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      return true;
    default:
      return false;
  }
}

Error failure_of(const Course& course, CURLcode code, const std::string& text,
                 const Server& server) {
  if (course.stopped) return {Errc::cancelled, "interrupted"};
  if (course.failure) return *course.failure;
  const std::string what = is_without_contact(code) ? "cannot reach the service at "
                                                    : "lost the connection to the service at ";
  return {Errc::unavailable,
          what + server.url + ": " + (text.empty() ? curl_easy_strerror(code) : text)};
}

void set_limits(CURL* easy, const Request& request) {
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  // A name that is still being looked up must not hold up whoever asked to stop.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  if (request.stall.count() == 0) return;
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall.count()));
}

void set_callbacks(CURL* easy, Course& course) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &course);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &course);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &course);
}

}  // namespace

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Result<Answer> Exchange::send(const Request& request, const std::stop_token& stop) {
  CURL* const easy = transfer_.easy();
  Course course{request, stop, easy};
  char error_text[CURL_ERROR_SIZE] = "";
  transfer_.reset();
  const std::string url = server_.url + request.path;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  set_limits(easy, request);
  set_callbacks(easy, course);
  if (!server_.key.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, server_.key.c_str());
  }
  if (!server_.trusted_certificates.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, server_.trusted_certificates.c_str());
  }
  const HeaderList headers = headers_of(request);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  const Mime form = request.form != nullptr ? form_of(course) : nullptr;
  if (form) curl_easy_setopt(easy, CURLOPT_MIMEPOST, form.get());

  const CURLcode code = transfer_.run({}).value_or(CURLE_FAILED_INIT);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  transfer_.reset();  // forgets what ends with this call
  has_reached_ = has_reached_ || !is_without_contact(code);
  if (code != CURLE_OK) return tl::unexpected(failure_of(course, code, error_text, server_));
  course.answer.status = static_cast<int>(status);
  return std::move(course.answer);
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_plain) {
      result += c;
    } else {
      result += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return result;
}

std::string query_text(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += (text.empty() ? "" : "&") + escaped(name) + "=" + escaped(value);
  }
  return text;
}

}  // namespace steno::client
