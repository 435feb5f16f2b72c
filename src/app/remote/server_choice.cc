#include "app/remote/server_choice.h"

#include <CLI/CLI.hpp>
#include <fstream>

namespace steno::app {
namespace {

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080";
constexpr std::string_view kSpace = " \t\r\n";

// Reads the first word of the file. The file must not contain more.
Result<std::string> read_key(const std::string& path) {
  std::ifstream file(path);
  std::string key;
  if (file >> key) return key;
  return fail(Errc::io, path + ": no API key can be read from it");
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

void add_server_options(CLI::App& command, ServerChoice& choice, const std::string& help) {
  command.add_option("--server", choice.url, help)
      ->type_name("[URL]")
      ->group("Service")
      ->take_last();
  command
      .add_option("--api-key-file", choice.api_key_file,
                  "A file that contains the API key. Default: the key in STENO_API_KEY")
      ->type_name("FILE")
      ->group("Service")
      ->take_last();
}

Result<client::Server> server_of(const ServerChoice& choice,
                                 const ServiceEnvironment& environment) {
  const bool is_of_environment = choice.url.empty() && !environment.url.empty();
  const std::string given = is_of_environment ? environment.url : choice.url;
  auto url = client::checked_url(given.empty() ? kDefaultUrl : given);
  if (!url) {
    return fail(url.error().code, (is_of_environment ? "STENO_URL: " : "") + url.error().message);
  }
  auto key = choice.api_key_file.empty() ? Result<std::string>(trimmed(environment.api_key))
                                         : read_key(choice.api_key_file);
  if (!key) return tl::unexpected(key.error());
  if (auto good = client::check_key(*key); !good) return tl::unexpected(good.error());
  return client::Server{*std::move(url), *std::move(key), environment.trusted_certificates};
}

}  // namespace steno::app
