#pragma once

#include <string>

#include "app/environment.h"
#include "base/result.h"
#include "client/client.h"

namespace CLI {
class App;
}

namespace steno::app {

/// The service to contact, from the command's options.
struct ServerChoice {
  std::string url;           ///< empty: $STENO_URL, else http://127.0.0.1:8080
  std::string api_key_file;  ///< empty: $STENO_API_KEY
};

/// Adds --server and --api-key-file to `command`. They fill `choice`. `help` describes the effect
/// of --server. There is no option for the key itself, because other users can see a process's
/// arguments.
void add_server_options(CLI::App& command, ServerChoice& choice, const std::string& help);

/// The service, or an error about its address, key or key file.
Result<client::Server> server_of(const ServerChoice& choice, const ServiceEnvironment& environment);

}  // namespace steno::app
