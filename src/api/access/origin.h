#pragma once

#include "api/service.h"

namespace steno::api {

/// Keeps foreign web pages from using a service that requires no key. The Host must be a loopback
/// address or that of ApiOptions::public_url, which prevents DNS rebinding. The Origin, if there is
/// one, must be that Host, public_url or one of cors_origins, so that no other page's form can
/// call. Throws RequestError: `forbidden` with `foreign_host` or `foreign_origin`.
void check_local(const http::Request& request, const ApiOptions& options);

}  // namespace steno::api
