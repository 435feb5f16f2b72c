#pragma once

#include "api/service.h"

namespace steno::api {

/// Keeps web pages from using a service that asks for no key: the Host must be a loopback one or
/// ApiOptions::public_url's, so that no name of somebody else's leads here (DNS rebinding), and the
/// Origin, if there is one, that Host itself, public_url, or one of cors_origins, so that no other
/// page's form does. Throws ProblemError: 403 `foreign_host`, `foreign_origin`.
void check_local(const http::Request& request, const ApiOptions& options);

}  // namespace steno::api
