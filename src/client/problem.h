#pragma once

#include <string>

#include "base/result.h"
#include "client/exchange.h"

namespace steno::client {

/// What an answer of 300 and above says, as one line, and its kind.
Error error_of(const Answer& answer, const Server& server);

/// The stable code of an answer in application/problem+json; empty if there is none.
std::string problem_code(const Answer& answer);

}  // namespace steno::client
