#include "http/message_parser.h"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>

namespace steno::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Parser = beast::http::request_parser<beast::http::buffer_body>;

namespace {

class BeastDecoder final : public BodyDecoder {
 public:
  explicit BeastDecoder(std::unique_ptr<Parser> parser) : parser_(std::move(parser)) {}

  Result<Step> decode(std::string_view in, std::span<char> out) override {
    auto& body = parser_->get().body();
    body.data = out.data();
    body.size = out.size();
    body.more = true;
    Step step;
    while (!parser_->is_done() && body.size > 0 && step.consumed < in.size()) {
      const auto rest = in.substr(step.consumed);
      boost::system::error_code error;
      const std::size_t taken = parser_->put(asio::const_buffer(rest.data(), rest.size()), error);
      step.consumed += taken;
      if (error == beast::http::error::need_buffer || error == beast::http::error::need_more) {
        if (taken == 0 || error == beast::http::error::need_more) break;
      } else if (error) {
        return fail(Errc::invalid_argument, "the body's framing is broken: " + error.message());
      }
    }
    step.produced = out.size() - body.size;
    return step;
  }

  bool done() const override { return parser_->is_done(); }

 private:
  std::unique_ptr<Parser> parser_;
};

void copy_fields(const Parser& parser, RequestHead& head) {
  const auto& message = parser.get();
  head.method = message.method_string();
  head.target = message.target();
  head.minor_version = static_cast<int>(message.version() % 10);
  for (const auto& field : message) head.headers.add(field.name_string(), field.value());
  if (!parser.chunked()) head.length = parser.content_length().value_or(0);
}

Result<void> decode_target(RequestHead& head) {
  auto target = split_target(head.target);
  if (!target) return tl::unexpected(target.error());
  head.path = target->path;
  auto query = decode_query(target->query);
  if (!query) return tl::unexpected(query.error());
  head.query = *std::move(query);
  if (head.path == "*") return {};
  auto segments = decode_path(head.path);
  if (!segments) return tl::unexpected(segments.error());
  head.segments = *std::move(segments);
  return {};
}

}  // namespace

Result<ParsedHead> parse_head(std::string_view header, std::size_t trailer_limit) {
  auto parser = std::make_unique<Parser>();
  parser->header_limit(
      static_cast<std::uint32_t>(std::max<std::size_t>(header.size(), trailer_limit)));
  parser->body_limit(boost::none);
  while (!parser->is_header_done()) {
    boost::system::error_code error;
    const auto taken = parser->put(asio::const_buffer(header.data(), header.size()), error);
    if (error || taken == 0) {
      return fail(Errc::invalid_argument, "the header cannot be read: " + error.message());
    }
    header.remove_prefix(taken);
  }
  ParsedHead parsed;
  copy_fields(*parser, parsed.head);
  if (auto decoded = decode_target(parsed.head); !decoded) return tl::unexpected(decoded.error());
  parser->eager(true);
  const bool has_body = parsed.head.length != 0;
  if (has_body) parsed.body = std::make_unique<BeastDecoder>(std::move(parser));
  return parsed;
}

}  // namespace steno::http
