#include "pipeline/decode/ffmpeg.h"

#include <array>
#include <cstdarg>
#include <mutex>
#include <string_view>

namespace steno::decode {
namespace {

constexpr std::size_t kMostLog = 4096;
thread_local Log* current_log = nullptr;

void keep(void* sender, int level, const char* format, va_list arguments) {
  if (current_log == nullptr || level > AV_LOG_WARNING) return;
  // Said of each track that is not audio, with the names of all decoders.
  if (std::string_view(format).starts_with("Codec (%s) not on whitelist")) return;
  std::array<char, 512> line;
  int at_start = 1;
  av_log_format_line2(sender, level, format, arguments, line.data(), line.size(), &at_start);
  auto& text = current_log->text;
  text += line.data();
  if (text.size() > kMostLog) text.erase(0, text.size() - kMostLog);
  if (level <= AV_LOG_ERROR) ++current_log->errors;
}

}  // namespace

std::string error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

LogCapture::LogCapture(Log& log) : outer_(current_log) {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(keep); });
  current_log = &log;
}

LogCapture::~LogCapture() { current_log = outer_; }

}  // namespace steno::decode
