#pragma once

/// The HTTP server. It does not depend on jobs. Also public: offload.h (includes much of Asio),
/// signal.h, multipart.h and static_content.h. All other headers of this folder are private.
///
///     Router router;
///     router.add("GET", "/hello/{name}", [](Request& request, Responder& responder) -> Task<> {
///       co_await responder.send(Response::text(200, "Hello " + request.parameter("name")));
///     });
///     Server server(router, {.listen = {"127.0.0.1:8080"}});
///     if (const auto started = server.start(); !started) return started.error();
///     server.stop(std::chrono::seconds(30));
#include "http/problem.h"   // IWYU pragma: export
#include "http/request.h"   // IWYU pragma: export
#include "http/response.h"  // IWYU pragma: export
#include "http/router.h"    // IWYU pragma: export
#include "http/server.h"    // IWYU pragma: export
