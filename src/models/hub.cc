#include "models/hub.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/url.h"
#include "models/model_file.h"

namespace steno::models {
namespace {

constexpr int kMostRedirects = 8;
constexpr std::chrono::milliseconds kLongestWait{30'000};
constexpr std::chrono::milliseconds kLongestRetryAfter{60'000};
constexpr std::chrono::milliseconds kConnectTime{20'000};
constexpr std::array kNeededFiles = {
    "config.json",    kWeightsFile,      "preprocessor_config.json",
    "tokenizer.json", "vocabulary.json", "vocabulary.txt"};

bool is_hex(std::string_view text, std::size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// An entity tag without its quotes and the mark of a weak one.
std::string_view bare_tag(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
    tag = tag.substr(1, tag.size() - 2);
  return tag;
}

std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string path_text(const std::string& path) { return percent_encoded(path, "/"); }

Result<RepoListing> parse_listing(const std::string& body, const std::string& host,
                                  const std::string& repo) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  const auto wrong = [&] {
    return fail(Errc::unavailable, host + ": its answer about " + repo +
                                       " is not that of a Hugging Face compatible host");
  };
  if (!json.is_object() || !json.contains("sha") || !json["sha"].is_string()) return wrong();
  RepoListing listing{json["sha"].get<std::string>(), {}};
  if (!is_hex(listing.commit, 40) || !json.contains("siblings")) return wrong();
  for (const auto& sibling : json["siblings"]) {
    const bool named = sibling.is_object() && sibling.contains("rfilename");
    if (!named || !sibling["rfilename"].is_string()) return wrong();
    const auto name = sibling["rfilename"].get<std::string>();
    // Only names from the list become paths.
    if (std::find(kNeededFiles.begin(), kNeededFiles.end(), name) != kNeededFiles.end()) {
      listing.files.push_back(name);
    }
  }
  return listing;
}

}  // namespace

Error error_of(const net::HttpError& error) {
  switch (error.kind) {
    case net::HttpFailure::insecure_redirect:
    case net::HttpFailure::bad_url:
      return {Errc::io, error.message() + "; not followed"};
    case net::HttpFailure::too_many_redirects:
      return {Errc::io, error.message()};
    default:
      return error.as_error();
  }
}

Hub::Hub(const PullOptions& options, std::stop_token stop, RetryNote on_retry)
    : options_(options),
      origin_(origin(options.endpoint).value_or("")),
      retry_{options.attempts, options.first_wait, kLongestWait, kLongestRetryAfter},
      client_({.retry_budget = {.reserve = std::numeric_limits<double>::infinity()}}),
      stop_(std::move(stop)),
      on_retry_(std::move(on_retry)) {
  while (options_.endpoint.ends_with('/')) options_.endpoint.pop_back();
}

net::HttpRequest Hub::request(const std::string& method, const std::string& url) const {
  const auto idle = std::max<std::chrono::milliseconds>(options_.stall, std::chrono::seconds(1));
  net::HttpRequest request;
  request.method = method;
  request.url = url;
  request.bearer_token = options_.token;
  request.times = {.connect = std::min(kConnectTime, idle), .idle = idle};
  request.redirects.max = kMostRedirects;
  if (method == "HEAD") {
    // The endpoint gives a file's hash and size before it redirects to where the file is.
    request.redirects.follows = [this](const net::HttpResponse& response) {
      return response.header("x-linked-etag").empty() && origin(response.redirect) == origin_;
    };
  }
  return request;
}

Result<net::HttpResponse> Hub::ask(const std::string& method, const std::string& url) const {
  auto asked = request(method, url);
  asked.retry = retry_;
  asked.on_retry = on_retry_;
  auto response = client_.send(asked, stop_);
  if (!response) return tl::unexpected(error_of(response.error()));
  return *std::move(response);
}

Error Hub::refusal(const net::HttpResponse& response, const std::string& what) const {
  const std::string host = host_of(options_.endpoint);
  const bool has_token = !options_.token.empty();
  switch (response.status) {
    case 401:
      return {
          Errc::not_found,
          host + " refuses " + what +
              (has_token ? ": there is no such model, or the token in HF_TOKEN is not good for it"
                         : ": there is no such model, or it needs a token in HF_TOKEN")};
    case 403:
      return {Errc::not_found, host + " refuses " + what +
                                   ": its terms must be accepted there first" +
                                   (has_token ? "" : ", and HF_TOKEN be set")};
    case 404:
      return {Errc::not_found, host + " has no " + what};
    default:
      return {Errc::unavailable,
              host + " does not give " + what + ": status " + std::to_string(response.status)};
  }
}

Result<RepoListing> Hub::list(const std::string& repo) {
  const std::string revision = options_.revision;
  const std::string what = "model " + repo + (revision == "main" ? "" : " in revision " + revision);
  const auto response = ask("GET", options_.endpoint + "/api/models/" + path_text(repo) +
                                       "/revision/" + percent_encoded(options_.revision));
  if (!response) return tl::unexpected(response.error());
  if (response->status != 200) return tl::unexpected(refusal(*response, what));
  auto listing = parse_listing(response->body, host_of(options_.endpoint), repo);
  if (!listing) return listing;
  if (std::find(listing->files.begin(), listing->files.end(), kWeightsFile) ==
      listing->files.end()) {
    return fail(Errc::bad_model, repo + " holds no " + kWeightsFile +
                                     ": not a model in CTranslate2's format, as faster-whisper "
                                     "uses it; look for one whose name ends in -ct2");
  }
  return listing;
}

Result<RemoteFile> Hub::look_up(const std::string& repo, const std::string& commit,
                                const std::string& name) {
  RemoteFile file;
  file.name = name;
  file.url =
      options_.endpoint + "/" + path_text(repo) + "/resolve/" + commit + "/" + path_text(name);
  const auto response = ask("HEAD", file.url);
  if (!response) return tl::unexpected(response.error());
  if (response->status >= 400) return tl::unexpected(refusal(*response, name + " of " + repo));

  const auto header = [&](const char* linked, const char* plain) {
    const std::string value = response->header(linked);
    return value.empty() && response->status == 200 ? response->header(plain) : value;
  };
  const auto size = number(header("x-linked-size", "content-length"));
  file.hash = bare_tag(header("x-linked-etag", "etag"));
  file.hash_kind = file.hash.size() == 64 ? HashKind::sha256 : HashKind::git_blob;
  if (!size || !(is_hex(file.hash, 64) || is_hex(file.hash, 40))) {
    return fail(Errc::unavailable, host_of(options_.endpoint) + " gives no size or no hash for " +
                                       name + " of " + repo + ", so it could not be checked");
  }
  file.size = *size;
  return file;
}

}  // namespace steno::models
