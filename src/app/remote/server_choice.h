#pragma once

#include <string>

#include "app/environment.h"
#include "base/result.h"
#include "client/client.h"

namespace CLI {
class App;
}

namespace steno::app {

/// Which service a command talks to, as its options say.
struct ServerChoice {
  std::string url;           ///< empty: $STENO_URL, else http://127.0.0.1:8080
  std::string api_key_file;  ///< empty: $STENO_API_KEY
};

/// Describes --server and --api-key-file, which fill `choice`, to `command`; `help` is what
/// --server does there. There is no option for the key itself: other users see the words of a
/// command.
void add_server_options(CLI::App& command, ServerChoice& choice, const std::string& help);

/// The service, or which of address, key and key file is wrong.
Result<client::Server> server_of(const ServerChoice& choice, const ServiceEnvironment& environment);

}  // namespace steno::app
