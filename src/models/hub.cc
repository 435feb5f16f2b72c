#include "models/hub.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/url.h"
#include "models/model_file.h"

namespace steno::models {
namespace {

constexpr int kMostRedirects = 8;
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

/// Busy, or a failure that may pass.
bool may_pass(int status) {
  constexpr std::array kPassing = {408, 425, 429, 500, 502, 503, 504};
  return std::find(kPassing.begin(), kPassing.end(), status) != kPassing.end();
}

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

Hub::Hub(const PullOptions& options, std::stop_token stop, RetryNote on_retry)
    : options_(options),
      origin_(origin(options.endpoint).value_or("")),
      client_(options.stall),
      stop_(std::move(stop)),
      on_retry_(std::move(on_retry)) {
  while (options_.endpoint.ends_with('/')) options_.endpoint.pop_back();
}

Result<HttpResponse> Hub::follow(HttpRequest request, const BodySink& sink) {
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    const auto target = origin(request.url);
    request.token = target == origin_ ? options_.token : "";
    auto response = client_.send(request, sink, stop_);
    if (!response || response->redirect.empty()) return response;
    const auto next = origin(response->redirect);
    // What is asked about a file is known before the host sends on to where the file is.
    const bool answered = !response->header("x-linked-etag").empty() || next != origin_;
    if (request.head && answered) return response;
    if (!next || (target->starts_with("https:") && !next->starts_with("https:"))) {
      return fail(Errc::io, host_of(request.url) +
                                ": it redirects from https to something else; not followed");
    }
    request.url = response->redirect;
  }
  return fail(Errc::io, host_of(request.url) + ": it redirects without end");
}

Result<HttpResponse> Hub::ask(const HttpRequest& request) {
  for (int failures = 1;; ++failures) {
    auto response = follow(request, {});
    retry_after_ = response ? response->header("retry-after") : "";
    const bool again =
        response ? may_pass(response->status) : response.error().code == Errc::unavailable;
    if (!again || failures >= options_.attempts) return response;
    const std::string why =
        response ? "status " + std::to_string(response->status) : response.error().message;
    if (auto waited = pause(failures, why); !waited) return tl::unexpected(waited.error());
  }
}

Error Hub::refusal(const HttpResponse& response, const std::string& what) const {
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
  // A branch may have slashes in its name, which must not become parts of the path.
  std::string segment = escaped(revision);
  for (auto at = segment.find('/'); at != std::string::npos; at = segment.find('/', at)) {
    segment.replace(at, 1, "%2F");
  }
  const auto response =
      ask({.url = options_.endpoint + "/api/models/" + escaped(repo) + "/revision/" + segment});
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
  file.url = options_.endpoint + "/" + escaped(repo) + "/resolve/" + commit + "/" + escaped(name);
  const auto response = ask({.url = file.url, .head = true});
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
