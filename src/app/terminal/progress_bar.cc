#include "app/terminal/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "app/terminal/printable.h"

namespace steno::app {
namespace {

constexpr int kBarCells = 24;
constexpr int kShortestName = 8;

// 75 -> "1:15", 3675 -> "1:01:15"
std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::max(0.0, seconds));
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                  whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  }
  return text;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

int columns(std::string_view text) {
  return static_cast<int>(
      std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); }));
}

// The end of a name is more specific than its start: "…recording-7.mp3".
std::string fitted(const std::string& text, int width) {
  std::string name = printable(text);
  if (columns(name) <= width) return name;
  size_t start = name.size();
  for (int kept = 0; kept < width - 1 && start > 0; ++kept) {
    do {
      --start;
    } while (start > 0 && is_continuation(name[start]));
  }
  return "…" + name.substr(start);
}

std::string meter(double fraction) {
  const int filled = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * kBarCells));
  std::string cells;
  for (int i = 0; i < kBarCells; ++i) cells += i < filled ? "█" : "░";
  return cells;
}

// "1:00 / 4:00  10.0x", or "25 %".
std::string amount_text(const BarState& state, double done, bool known) {
  if (state.unit == ProgressUnit::percent) return std::to_string(std::lround(done)) + " %";
  std::string text = clock_text(done);
  if (known) text += " / " + clock_text(*state.length);
  if (state.elapsed > 0 && done > 0) {
    char speed[32];
    std::snprintf(speed, sizeof speed, "  %.1fx", done / state.elapsed);
    text += speed;
  }
  return text;
}

}  // namespace

std::string bar_line(const BarState& state, int width) {
  const bool known = state.length && *state.length > 0;
  const double done = known ? std::min(state.done, *state.length) : state.done;
  std::string numbers = amount_text(state, done, known);
  if (known && state.elapsed > 0 && done > 0) {
    numbers += "  " + clock_text((*state.length - done) * state.elapsed / done) + " left";
  }
  if (state.more > 0) numbers += "  +" + std::to_string(state.more);
  const int room = width - columns(numbers) - 4;
  std::string line;
  if (known && room >= kBarCells + kShortestName) {
    line = fitted(state.name, room - kBarCells) + "  " + meter(done / *state.length) + "  ";
  } else if (room >= kShortestName) {
    line = fitted(state.name, room) + "  ";
  }
  line += numbers;
  return columns(line) <= width ? line : fitted(line, width);
}

ProgressBar::ProgressBar(std::FILE* stream, bool wanted)
    : stream_(stream), enabled_(wanted && isatty(fileno(stream)) == 1) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::show(const BarState& state) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  winsize size = {};
  const bool known = ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const std::string line = bar_line(state, (known ? size.ws_col : 80) - 1);
  std::fprintf(stream_, "\r\033[K%s", line.c_str());
  std::fflush(stream_);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stream_);
  std::fflush(stream_);
  drawn_ = false;
}

}  // namespace steno::app
