#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/hash.h"
#include "models/http.h"
#include "models/models.h"
#include "models/part_file.h"

namespace steno::models {

/// A model's repository at one commit.
struct RepoListing {
  std::string commit;              ///< 40 hexadecimal digits
  std::vector<std::string> files;  ///< those that Steno needs
};

/// What the host says of a file.
struct RemoteFile {
  std::string name;
  std::string url;
  std::uint64_t size = 0;
  HashKind hash_kind = HashKind::sha256;
  std::string hash;  ///< hexadecimal, lower case
};

/// Gets the number of bytes that are there, again and again.
using ByteSink = std::function<void(std::uint64_t)>;

/// Is told why a request is repeated.
using RetryNote = std::function<void(const std::string& why)>;

/// The protocol of Hugging Face compatible hosts: a repository's files by
/// `/api/models/REPO/revision/REVISION`, their content and hashes by `/REPO/resolve/COMMIT/FILE`.
/// The token goes to the endpoint's own scheme, host and port only, whatever it redirects to.
/// Requests are repeated with growing pauses where the host is busy or cannot be reached.
class Hub {
 public:
  Hub(const PullOptions& options, std::stop_token stop, RetryNote on_retry);

  /// `not_found` where there is no such model or it needs permission, `bad_model` where it holds
  /// no CTranslate2 model.
  Result<RepoListing> list(const std::string& repo);

  Result<RemoteFile> look_up(const std::string& repo, const std::string& commit,
                             const std::string& name);

  /// Brings the file to `path` by way of `path`.part, which is continued if it is there, and
  /// checks its hash.
  Result<void> download(const RemoteFile& file, const std::string& path, const ByteSink& on_bytes);

 private:
  /// The answer after redirects; the token stays with the endpoint.
  Result<HttpResponse> follow(HttpRequest request, const BodySink& sink);
  /// The same again and again while the host is busy or out of reach.
  Result<HttpResponse> ask(const HttpRequest& request);
  Result<void> continue_part(const RemoteFile& file, PartFile& part, const ByteSink& on_bytes);
  Result<void> complete(const RemoteFile& file, PartFile& part, const ByteSink& on_bytes);
  Result<void> pause(int failures, const std::string& why);
  Error refusal(const HttpResponse& response, const std::string& what) const;

  PullOptions options_;
  std::string origin_;
  HttpClient client_;
  std::stop_token stop_;
  RetryNote on_retry_;
  std::string retry_after_;  ///< what the last answer said of when to come again
};

}  // namespace steno::models
