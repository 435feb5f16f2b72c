#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "api/core/routes.h"
#include "http/static_content.h"

namespace steno::api {
namespace {

struct Page {
  std::string_view file;
  std::string_view text;
};

/// The files of web/, compiled into the program.
constexpr Page kPages[] = {
#include "api/system/page_table.inc"
};

// Nothing from other hosts, no inline scripts, and no embedding in other pages.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view text_of(std::string_view file) {
  const auto found = std::ranges::find(kPages, file, &Page::file);
  if (found == std::end(kPages)) throw std::logic_error("no page " + std::string(file));
  return found->text;
}

http::Handler page(std::string_view media_type, std::string_view file) {
  auto content = http::static_content(media_type, std::string(text_of(file)));
  return [content = std::move(content)](http::Request& request, http::Responder& responder) {
    responder.headers().set("Content-Security-Policy", kPolicy);
    responder.headers().set("X-Content-Type-Options", "nosniff");
    responder.headers().set("Referrer-Policy", "no-referrer");
    return content(request, responder);
  };
}

Operation page_operation(std::string id, std::string summary, std::string media_type) {
  return {.id = std::move(id),
          .group = "Service",
          .summary = std::move(summary),
          .description = "",
          .scope = "",
          .answers = {{200,
                       "The file",
                       {{.media_type = std::move(media_type), .schema = {{"type", "string"}}}}},
                      {304, "Not changed since the given `ETag`"}},
          .problems = {416}};
}

}  // namespace

void add_page_routes(Routes& routes, Service&) {
  constexpr std::string_view kHtml = "text/html; charset=utf-8";
  routes.add("GET", "/", page(kHtml, "index.html"),
             page_operation("get_home", "Home page", "text/html"));
  routes.add("GET", "/docs", page(kHtml, "docs.html"),
             page_operation("get_docs", "This document as a page", "text/html"));
  routes.add("GET", "/docs/docs.js", page("text/javascript; charset=utf-8", "docs.js"),
             page_operation("get_docs_script", "The documentation's script", "text/javascript"));
  routes.add("GET", "/docs/style.css", page("text/css; charset=utf-8", "style.css"),
             page_operation("get_docs_style", "The documentation's style", "text/css"));
}

}  // namespace steno::api
