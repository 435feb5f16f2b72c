#pragma once

#include <map>
#include <string>
#include <vector>

namespace steno::app {

/// What Steno reads from the environment besides its configuration. Nothing else calls getenv.
struct Environment {
  /// $STENO_CACHE, or $XDG_CACHE_HOME/steno, or ~/.cache/steno.
  std::string cache_folder;
  /// Where models are looked for, in this order: $STENO_MODELS if it is set,
  /// $XDG_DATA_HOME/steno/models or ~/.local/share/steno/models, and what set-up has brought. The
  /// first is where they are pulled to.
  std::vector<std::string> model_folders;
  std::string hf_endpoint;  ///< $HF_ENDPOINT, or empty
  std::string hf_token;     ///< $HF_TOKEN, or empty
};

/// Throws std::runtime_error when there is neither a cache folder nor a home.
Environment read_environment();

/// The service that commands talk to unless their options say otherwise.
struct ServiceEnvironment {
  std::string url;                   ///< $STENO_URL, or empty
  std::string api_key;               ///< $STENO_API_KEY, or empty
  std::string trusted_certificates;  ///< $SSL_CERT_FILE, or empty
};

ServiceEnvironment read_service_environment();

/// Every variable of the process, as the configuration wants them.
std::map<std::string, std::string> environment_variables();

}  // namespace steno::app
