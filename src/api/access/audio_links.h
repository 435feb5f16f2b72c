#pragma once

#include <string>
#include <string_view>

#include "api/service.h"
#include "blob/signed_link.h"

namespace steno::api {

/// The route of signed links.
inline constexpr std::string_view kAudioPattern = "/api/v1/jobs/{job_id}/audio";

/// Makes signed links, by which a job's audio can be fetched without a key. Thread-safe.
class AudioLinks {
 public:
  /// Reads the secret of the installation. Blocks; throws StoreError.
  explicit AudioLinks(Service& service);

  /// A link that is valid for ApiOptions::link_ttl and at most a quarter longer. It stays the same
  /// for a while, so that the ETag of an unchanged job stays the same too.
  std::string make(std::string_view job_id, std::string_view base_url) const;

 private:
  Service& service_;
  blob::LinkSecret secret_;
};

/// The context of a request with a valid signed link. Its sender is not known.
struct LinkHolder {};

/// Gives a request for audio with a valid `expires` and `signature` the context LinkHolder, which
/// the authentication after it accepts. With an invalid signature: 403 `invalid_link` or
/// `link_expired`. Reads the secret as AudioLinks does.
http::Middleware signed_links(Service& service);

}  // namespace steno::api
