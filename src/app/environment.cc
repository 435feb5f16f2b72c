#include "app/environment.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace steno::app {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The folder of set-up; empty if no variable says where caches are.
std::string cache_folder() {
  if (std::string own = variable("STENO_CACHE"); !own.empty()) return own;
  if (const std::string caches = variable("XDG_CACHE_HOME"); !caches.empty()) {
    return caches + "/steno";
  }
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.cache/steno";
}

/// The models that were installed with the program: PREFIX/share/steno/models beside PREFIX/bin.
std::string installed_models() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (program.parent_path().parent_path() / "share/steno/models").string();
}

std::vector<std::string> model_folders() {
  std::vector<std::string> folders;
  if (const std::string own = variable("STENO_MODELS"); !own.empty()) folders.push_back(own);
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty()) {
    folders.push_back(data + "/steno/models");
  } else if (const std::string home = variable("HOME"); !home.empty()) {
    folders.push_back(home + "/.local/share/steno/models");
  }
  if (const std::string cache = cache_folder(); !cache.empty()) {
    folders.push_back(cache + "/models");
  }
  folders.push_back(installed_models());
  return folders;
}

}  // namespace

Environment read_environment() {
  Environment environment;
  environment.model_folders = model_folders();
  environment.hf_endpoint = variable("HF_ENDPOINT");
  environment.hf_token = variable("HF_TOKEN");
  return environment;
}

ServiceEnvironment read_service_environment() {
  return {variable("STENO_URL"), variable("STENO_API_KEY"), variable("SSL_CERT_FILE")};
}

std::map<std::string, std::string> environment_variables() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace steno::app
