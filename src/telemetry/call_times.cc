#include "telemetry/call_times.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace steno {
namespace {

constexpr std::array kBounds = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                0.01,    0.05,   0.1,     0.5,    1.0,   5.0,    30.0};
constexpr std::string_view kCalls = "calls";

bool has_more(const CallTimes& before, const CallTimes& now) {
  return std::ranges::equal(before.calls, now.calls, std::ranges::less_equal()) &&
         before.in_all <= now.in_all;
}

}  // namespace

std::span<const double> call_time_bounds() { return kBounds; }

std::string to_lines(const AllCallTimes& times) {
  std::string lines;
  for (const auto& [operation, of_one] : times) {
    lines += std::string(kCalls) + " " + operation + " " + std::to_string(of_one.in_all.count());
    for (const std::uint64_t calls : of_one.calls) lines += " " + std::to_string(calls);
    lines += "\n";
  }
  return lines;
}

AllCallTimes parse_call_times(const std::string& lines) {
  AllCallTimes times;
  std::istringstream in(lines);
  // A line without line feed is incomplete.
  for (std::string line; std::getline(in, line) && !in.eof();) {
    std::istringstream words(line);
    std::string kind;
    std::string operation;
    std::chrono::nanoseconds::rep in_all = 0;
    if (!(words >> kind >> operation >> in_all) || kind != kCalls) continue;
    CallTimes of_one{.calls = {}, .in_all = std::chrono::nanoseconds(in_all)};
    for (std::uint64_t calls = 0; words >> calls;) of_one.calls.push_back(calls);
    if (of_one.calls.size() == kBounds.size() + 1) times[operation] = std::move(of_one);
  }
  return times;
}

AllCallTimes since(const AllCallTimes& before, const AllCallTimes& now) {
  AllCallTimes more = now;
  for (auto& [operation, of_one] : more) {
    const auto known = before.find(operation);
    if (known == before.end() || !has_more(known->second, of_one)) continue;
    std::ranges::transform(of_one.calls, known->second.calls, of_one.calls.begin(), std::minus());
    of_one.in_all -= known->second.in_all;
  }
  return more;
}

void CallTimer::add(std::string_view operation, double seconds) {
  const auto bucket = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  const MutexLock lock(mutex_);
  auto found = times_.find(operation);
  if (found == times_.end()) found = times_.emplace(operation, CallTimes()).first;
  CallTimes& of_one = found->second;
  of_one.calls.resize(kBounds.size() + 1);
  ++of_one.calls[static_cast<size_t>(bucket)];
  of_one.in_all += std::chrono::round<std::chrono::nanoseconds>(
      std::chrono::duration<double>(std::max(seconds, 0.0)));
}

AllCallTimes CallTimer::all() const {
  const MutexLock lock(mutex_);
  return times_;
}

}  // namespace steno
