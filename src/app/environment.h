#pragma once

#include <string>
#include <vector>

namespace steno::app {

/// All that Steno reads from the environment; nothing else calls getenv.
struct Environment {
  /// $STENO_CACHE, or $XDG_CACHE_HOME/steno, or ~/.cache/steno.
  std::string cache_folder;
  std::string models_folder;  ///< cache_folder/models
  std::string hf_endpoint;    ///< $HF_ENDPOINT, or empty
  std::string hf_token;       ///< $HF_TOKEN, or empty
};

/// Throws std::runtime_error when there is neither a cache folder nor a home.
Environment read_environment();

}  // namespace steno::app
