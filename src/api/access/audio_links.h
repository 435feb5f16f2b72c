#pragma once

#include <string>
#include <string_view>

#include "api/service.h"
#include "blob/signed_link.h"

namespace steno::api {

/// The route that a signed link opens.
inline constexpr std::string_view kAudioPattern = "/api/v1/jobs/{job_id}/audio";

/// Makes the links with which a job's audio can be fetched without a key. Thread-safe.
class AudioLinks {
 public:
  /// Reads the installation's secret: blocks, throws StoreError.
  explicit AudioLinks(Service& service);

  /// A link that is good for ApiOptions::link_ttl and up to a quarter of that longer: it stays the
  /// same for a while, so that an unchanged answer is one.
  std::string make(std::string_view job_id, std::string_view base_url) const;

 private:
  Service& service_;
  blob::LinkSecret secret_;
};

/// The context of a request that came by a good link; who made the link may be anybody.
struct LinkHolder {};

/// Lets a request for audio with a good `expires` and `signature` pass as a LinkHolder, which the
/// authentication behind it accepts; 403 `invalid_link` or `link_expired` for others that have a
/// signature. Reads the secret as AudioLinks does.
http::Middleware signed_links(Service& service);

}  // namespace steno::api
