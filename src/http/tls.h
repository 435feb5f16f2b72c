#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "base/result.h"
#include "http/server.h"

namespace steno::http {

/// Creates a context for TLS 1.2 and later with the files' certificates. Fails if they cannot be
/// read or do not match.
Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const TlsFiles& files);

}  // namespace steno::http
