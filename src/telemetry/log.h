#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace steno {

enum class LogLevel { debug, info, warning, error };

/// automatic: plain on a terminal, otherwise JSON.
enum class LogFormat { automatic, json, plain };

/// A field's value. It borrows text, so it is valid only during the call.
class LogValue {
 public:
  LogValue(std::same_as<bool> auto value) : value_(value) {}
  LogValue(std::signed_integral auto value) : value_(std::int64_t{value}) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) LogValue(T value) : value_(std::uint64_t{value}) {}
  LogValue(double value) : value_(value) {}
  LogValue(std::string_view value) : value_(value) {}
  LogValue(const std::string& value) : value_(std::string_view(value)) {}
  LogValue(const char* value) : value_(std::string_view(value)) {}

  using Variant = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view>;
  const Variant& get() const { return value_; }

 private:
  Variant value_;
};

/// A field of a line in addition to its message: {"job_id", id}, {"seconds", 1.2}.
struct LogField {
  std::string_view name;
  LogValue value;
};
using LogFields = std::initializer_list<LogField>;

/// The log of the process, one line per event:
///
///     log.info("job finished", {{"job_id", id}, {"seconds", 1.2}});
///
/// A JSON line is one object: time (ISO 8601, UTC, milliseconds), level, message, then the fields
/// in order. Every line is valid UTF-8: invalid bytes are replaced. Long text is cut, and no line
/// is longer than 4096 bytes, so that lines of several processes do not mix in one pipe.
///
/// Thread-safe. A slow reader delays the caller by a tenth of a second once. Then lines are dropped
/// until the reader continues, and one line reports their number.
class Log {
 public:
  /// Writes events of at least `level` to `descriptor`, which is borrowed.
  explicit Log(LogLevel level, LogFormat format = LogFormat::automatic, int descriptor = 2);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view message, LogFields fields = {});
  void info(std::string_view message, LogFields fields = {});
  void warning(std::string_view message, LogFields fields = {});
  void error(std::string_view message, LogFields fields = {});

  /// Whether a line of that level would be written.
  bool writes(LogLevel level) const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace steno
