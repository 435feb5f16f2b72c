#pragma once

/// The HTTP server; knows nothing of jobs. offload.h (brings much of Asio), signal.h, multipart.h
/// and static_content.h are public too; what else lies in this folder is private.
#include "http/problem.h"   // IWYU pragma: export
#include "http/request.h"   // IWYU pragma: export
#include "http/response.h"  // IWYU pragma: export
#include "http/router.h"    // IWYU pragma: export
#include "http/server.h"    // IWYU pragma: export
