#include "base/clock.h"

#include <cstdio>
#include <ctime>

namespace steno {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

/// Takes digits from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// `count` digits as a number; -1 when there are not so many.
  int number(size_t count) {
    if (rest_.size() < count) return -1;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return -1;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool take(std::string_view one_of) {
    if (rest_.empty() || one_of.find(rest_.front()) == std::string_view::npos) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char taken() const { return taken_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char taken_ = 0;
};

tl::unexpected<Error> bad_time(std::string_view text) {
  return fail(Errc::invalid_argument,
              "\"" + std::string(text) + "\" is no time; one looks like 2026-11-25T18:03:07Z");
}

/// The fraction of a second behind the point, in milliseconds; -1 when there is no digit.
int read_fraction(Reader& reader) {
  int value = 0;
  int digits = 0;
  for (int digit = reader.number(1); digit >= 0; digit = reader.number(1), ++digits) {
    if (digits < 3) value = value * 10 + digit;
  }
  for (int i = digits; i < 3; ++i) value *= 10;
  return digits == 0 ? -1 : value;
}

}  // namespace

Time SystemClock::now() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

std::string to_iso8601(Time time) {
  const sys_days day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()),
                int(clock.subseconds().count()));
  return text;
}

Result<Time> parse_iso8601(std::string_view text) {
  Reader reader(text);
  const int year = reader.number(4);
  if (!reader.take("-")) return bad_time(text);
  const int month = reader.number(2);
  if (!reader.take("-")) return bad_time(text);
  const int day = reader.number(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 0 || month < 0 || day < 0 || !date.ok()) return bad_time(text);
  Time time = sys_days(date);
  if (reader.at_end()) return time;

  if (!reader.take("Tt ")) return bad_time(text);
  const int hour = reader.number(2);
  if (!reader.take(":")) return bad_time(text);
  const int minute = reader.number(2);
  if (!reader.take(":")) return bad_time(text);
  const int second = reader.number(2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return bad_time(text);
  }
  time += hours(hour) + minutes(minute) + seconds(second);
  if (reader.take(".")) {
    const int fraction = read_fraction(reader);
    if (fraction < 0) return bad_time(text);
    time += Milliseconds(fraction);
  }

  if (reader.take("Zz")) return reader.at_end() ? Result<Time>(time) : bad_time(text);
  if (!reader.take("+-")) return bad_time(text);
  const int sign = reader.taken() == '+' ? -1 : 1;
  const int offset_hours = reader.number(2);
  if (!reader.take(":")) return bad_time(text);
  const int offset_minutes = reader.number(2);
  if (offset_hours < 0 || offset_hours > 23 || offset_minutes < 0 || offset_minutes > 59 ||
      !reader.at_end()) {
    return bad_time(text);
  }
  return time + sign * (hours(offset_hours) + minutes(offset_minutes));
}

}  // namespace steno
