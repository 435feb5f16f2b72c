#include "client/calls.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/pause.h"
#include "client/problem.h"
#include "client/upload_file.h"

namespace steno::client {
namespace {

// Whether the same call may succeed in a moment.
bool may_pass(const Answer& answer) {
  const int status = answer.status;
  return status == 429 || status == 502 || status == 503 || status == 504 ||
         (status == 409 && problem_code(answer) == "idempotency_in_progress");
}

std::optional<std::chrono::seconds> retry_after(const Answer& answer) {
  const std::string text = answer.header("retry-after");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return {};
  return std::chrono::seconds(seconds);
}

}  // namespace

std::chrono::milliseconds BackOff::next() {
  const auto wait = std::min(next_, patience_.longest_wait);
  next_ = wait * 2;
  return wait;
}

Result<Answer> Caller::call(const Request& request, Again again, const std::stop_token& stop) {
  BackOff back_off(patience_);
  for (int attempt = 1;; ++attempt) {
    auto answer = exchange_.send(request, stop);
    if (answer && answer->status < 300) return answer;
    Error error = answer ? error_of(*answer, exchange_.server()) : std::move(answer.error());
    const bool is_passing =
        answer ? may_pass(*answer) : error.code == Errc::unavailable && exchange_.has_reached();
    const bool is_last = again == Again::never || attempt >= patience_.attempts;
    if (!is_passing || is_last) return tl::unexpected(std::move(error));
    auto wait = back_off.next();
    if (const auto asked = answer ? retry_after(*answer) : std::nullopt) {
      wait = std::min<std::chrono::milliseconds>(*asked, patience_.longest_wait);
    }
    if (request.file != nullptr && !request.file->rewind()) return tl::unexpected(std::move(error));
    pause_for(wait, stop);
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  }
}

}  // namespace steno::client
