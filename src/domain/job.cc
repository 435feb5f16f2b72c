#include "domain/job.h"

#include <array>

namespace steno {
namespace {

constexpr std::array<std::string_view, 5> kStateNames = {"pending", "processing", "completed",
                                                         "failed", "cancelled"};

}  // namespace

std::string_view to_string(State state) { return kStateNames[static_cast<size_t>(state)]; }

std::optional<State> parse_state(std::string_view name) {
  for (size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

bool may_move(State from, State to) {
  switch (from) {
    case State::pending:  // failed: its time in the queue has ended
      return to == State::processing || to == State::cancelled || to == State::failed;
    case State::processing:  // pending: retried or handed back
      return to != State::processing;
    case State::failed:  // retried by a user
      return to == State::pending;
    case State::completed:
    case State::cancelled:
      return false;
  }
  return false;
}

bool is_final(State state) { return state != State::pending && state != State::processing; }

}  // namespace steno
