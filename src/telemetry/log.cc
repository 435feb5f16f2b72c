// spdlog is not used: libctranslate2 exports the symbols of its own spdlog, built with another fmt.
// A second one in the program would replace them inside the engine.

#include "telemetry/log.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>

#include "base/mutex.h"
#include "telemetry/log_line.h"

namespace steno {
namespace {

constexpr std::chrono::milliseconds kMostWait{100};

enum class Written { all, none };

// Writes lines to a descriptor whose reader may be slow or gone. Not thread-safe.
class LineWriter {
 public:
  /// `lost_line` makes the line that reports the number of lost lines.
  LineWriter(int descriptor, std::function<std::string(std::uint64_t)> lost_line)
      : descriptor_(descriptor), lost_line_(std::move(lost_line)) {}

  void write(std::string_view line) {
    if (lost_ > 0 && put(lost_line_(lost_)) == Written::all) lost_ = 0;
    if (lost_ > 0 || put(line) == Written::none) ++lost_;
  }

 private:
  // A pipe that is ready accepts a line of maximum length without blocking.
  bool is_ready() const {
    pollfd wanted{descriptor_, POLLOUT, 0};
    const auto wait = lost_ > 0 ? std::chrono::milliseconds(0) : kMostWait;
    return poll(&wanted, 1, static_cast<int>(wait.count())) > 0;
  }

  // A line that was partly written (to a socket) is finished, unless the reader stops.
  Written put(std::string_view line) {
    while (!line.empty()) {
      if (!is_ready()) return Written::none;
      const ssize_t written = ::write(descriptor_, line.data(), line.size());
      if (written >= 0) {
        line.remove_prefix(static_cast<size_t>(written));
      } else if (errno != EINTR) {
        return Written::none;  // there is no other place to report it
      }
    }
    return Written::all;
  }

  int descriptor_;
  std::function<std::string(std::uint64_t)> lost_line_;
  std::uint64_t lost_ = 0;
};

}  // namespace

class Log::Implementation {
 public:
  Implementation(LogLevel level, LogFormat format, int descriptor)
      : level_(level),
        is_terminal_(isatty(descriptor) == 1),
        is_json_(format == LogFormat::json || (format == LogFormat::automatic && !is_terminal_)),
        writer_(descriptor, [this](std::uint64_t lost) {
          return line({std::chrono::system_clock::now(),
                       LogLevel::warning,
                       "lines of the log were lost: its reader did not keep up",
                       {{"lines", lost}}});
        }) {}

  bool writes(LogLevel level) const { return level >= level_; }

  void write(LogLevel level, std::string_view message, LogFields fields) {
    if (!writes(level)) return;
    const std::string text = line({std::chrono::system_clock::now(), level, message, fields});
    const MutexLock lock(mutex_);
    writer_.write(text);
  }

 private:
  std::string line(const LogEvent& event) const {
    if (is_json_) return json_log_line(event);
    return plain_log_line(event, is_terminal_ ? LogColours::on : LogColours::off);
  }

  const LogLevel level_;
  const bool is_terminal_;
  const bool is_json_;
  Mutex mutex_;
  LineWriter writer_ GUARDED_BY(mutex_);
};

Log::Log(LogLevel level, LogFormat format, int descriptor)
    : implementation_(std::make_unique<Implementation>(level, format, descriptor)) {}
Log::~Log() = default;

void Log::debug(std::string_view message, LogFields fields) {
  implementation_->write(LogLevel::debug, message, fields);
}
void Log::info(std::string_view message, LogFields fields) {
  implementation_->write(LogLevel::info, message, fields);
}
void Log::warning(std::string_view message, LogFields fields) {
  implementation_->write(LogLevel::warning, message, fields);
}
void Log::error(std::string_view message, LogFields fields) {
  implementation_->write(LogLevel::error, message, fields);
}

bool Log::writes(LogLevel level) const { return implementation_->writes(level); }

}  // namespace steno
