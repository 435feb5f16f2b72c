#pragma once

#include <functional>
#include <string_view>

#include "http/request.h"

namespace steno::http {

/// Whether a reverse proxy at this IP address is trusted.
using TrustProxy = std::function<bool(std::string_view address)>;

/// Replaces what the connection says by what its proxies say, if the peer is a trusted proxy:
///
/// - X-Forwarded-For: `remote_address` becomes the last address that is not a trusted proxy. So a
///   client that sends the header itself cannot choose its address.
/// - X-Forwarded-Proto: `secure`.
/// - X-Forwarded-Host: `host`.
/// - X-Forwarded-Prefix: `prefix`, the path that the proxy removes, such as "/steno".
///
/// A value that is not of the right form is ignored. Without a trusted proxy all are ignored.
void apply_forwarded(RequestHead& head, const TrustProxy& is_trusted);

}  // namespace steno::http
