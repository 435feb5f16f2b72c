#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/hash.h"
#include "models/models.h"
#include "models/part_file.h"
#include "net/http_client.h"

namespace steno::models {

/// A model's repository at one commit.
struct RepoListing {
  std::string commit;              ///< 40 hexadecimal digits
  std::vector<std::string> files;  ///< those that Steno needs
};

/// A file's description by the host.
struct RemoteFile {
  std::string name;
  std::string url;
  std::uint64_t size = 0;
  HashKind hash_kind = HashKind::sha256;
  std::string hash;  ///< hexadecimal, lower case
};

/// Is called with the number of bytes that are there, while it grows.
using ByteSink = std::function<void(std::uint64_t)>;

/// Is called with the reason before a request is repeated.
using RetryNote = std::function<void(const std::string& why)>;

/// A failed request as an Error: `unavailable` if another attempt may succeed.
Error error_of(const net::HttpError& error);

/// The protocol of Hugging Face compatible hosts: a repository's files by
/// `/api/models/REPO/revision/REVISION`, their content and hashes by `/REPO/resolve/COMMIT/FILE`.
/// The token goes to the endpoint's own scheme, host and port only, also after redirects.
/// Requests are retried with growing pauses while the host is busy or cannot be reached.
class Hub {
 public:
  Hub(const PullOptions& options, std::stop_token stop, RetryNote on_retry);

  /// `not_found` where there is no such model or it needs permission, `bad_model` where it holds
  /// no CTranslate2 model.
  Result<RepoListing> list(const std::string& repo);

  Result<RemoteFile> look_up(const std::string& repo, const std::string& commit,
                             const std::string& name);

  /// Downloads the file to `path`.part, from the last byte if it is there, checks its hash and
  /// renames it to `path`.
  Result<void> download(const RemoteFile& file, const std::string& path, const ByteSink& on_bytes);

 private:
  net::HttpRequest request(const std::string& method, const std::string& url) const;
  /// Sends a question about a model, with retries.
  Result<net::HttpResponse> ask(const std::string& method, const std::string& url) const;
  Result<void> continue_part(const RemoteFile& file, PartFile& part, const ByteSink& on_bytes);
  Result<void> complete(const RemoteFile& file, PartFile& part, const ByteSink& on_bytes);
  Error refusal(const net::HttpResponse& response, const std::string& what) const;

  PullOptions options_;
  std::string origin_;
  net::RetryPolicy retry_;
  net::HttpClient client_;
  std::stop_token stop_;
  RetryNote on_retry_;
  std::optional<std::chrono::seconds> retry_after_;  ///< of the last response
};

}  // namespace steno::models
