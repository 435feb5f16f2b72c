#include "api/uploads/tus.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "base/base64.h"

namespace steno::api {
Result<service::UploadChecksum> parse_upload_checksum(std::string_view text) {
  const size_t blank = text.find(' ');
  const std::string_view name = text.substr(0, blank);
  if (blank == std::string_view::npos || (name != "sha1" && name != "sha256")) {
    return fail(Errc::invalid_argument,
                "Upload-Checksum must be sha1 or sha256, a blank, and the hash in base64");
  }
  auto value = decode_base64(text.substr(blank + 1));
  if (!value) return fail(Errc::invalid_argument, "Upload-Checksum: " + value.error().message);
  const bool sha1 = name == "sha1";
  if (value->size() != (sha1 ? 20 : 32)) {
    return fail(Errc::invalid_argument, "Upload-Checksum has a hash of the wrong length");
  }
  service::UploadChecksum checksum;
  checksum.kind = sha1 ? Digest::Kind::sha1 : Digest::Kind::sha256;
  checksum.value = *std::move(value);
  return checksum;
}

Result<std::uint64_t> parse_upload_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      number > kMostUploadNumber) {
    return fail(Errc::invalid_argument, "must be a whole number of bytes");
  }
  return number;
}

std::string to_http_date(std::int64_t unix_seconds) {
  using std::chrono::floor;
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace steno::api
