#pragma once

#include <map>
#include <string>
#include <vector>

namespace steno::app {

/// The environment variables that Steno reads besides its configuration. No other code calls
/// getenv.
struct Environment {
  /// Folders that are searched for models, in order: $STENO_MODELS if set,
  /// $XDG_DATA_HOME/steno/models or ~/.local/share/steno/models, the folder of set-up
  /// ($STENO_CACHE, $XDG_CACHE_HOME/steno or ~/.cache/steno, with /models), and the folder that was
  /// installed with the program. Folders of unset variables are left out. Models are pulled into
  /// the first one.
  std::vector<std::string> model_folders;
  std::string hf_endpoint;  ///< $HF_ENDPOINT, or empty
  std::string hf_token;     ///< $HF_TOKEN, or empty
};

Environment read_environment();

/// The service that commands contact by default.
struct ServiceEnvironment {
  std::string url;                   ///< $STENO_URL, or empty
  std::string api_key;               ///< $STENO_API_KEY, or empty
  std::string trusted_certificates;  ///< $SSL_CERT_FILE, or empty
};

ServiceEnvironment read_service_environment();

/// All environment variables of the process, for the configuration.
std::map<std::string, std::string> environment_variables();

}  // namespace steno::app
