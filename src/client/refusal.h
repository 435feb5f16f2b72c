#pragma once

#include <string>

#include "base/result.h"
#include "client/client.h"
#include "net/http_client.h"

namespace steno::client {

/// The error for a response of status 300 and above: its kind, and its message as one line.
Error refusal_of(const net::HttpResponse& response, const Server& server);

/// The stable code of a response in application/problem+json; empty if there is none.
std::string problem_code(const net::HttpResponse& response);

}  // namespace steno::client
