#include "http/multipart.h"

#include <algorithm>

#include "http/characters.h"
#include "http/headers.h"

namespace steno::http {
namespace {

constexpr std::size_t kMostBoundary = 70;
constexpr std::size_t kMostPadding = 256;  // most spaces allowed after a boundary

tl::unexpected<Error> broken(std::string message) {
  return fail(Errc::invalid_argument, "multipart body: " + std::move(message));
}

bool is_boundary(char c) {
  return is_alphanumeric(c) || std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

/// Removes a parameter's value from the start of `text` and returns it. A backslash is literal
/// unless a quote follows, which is how browsers encode a quote in a file name.
std::optional<std::string> take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    const auto end = std::min(text.find(';'), text.size());
    value = trim(text.substr(0, end));
    text.remove_prefix(end);
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.starts_with("\\\"")) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

/// The parameter `name` after the first ";" of a header's value. None if it is absent or the
/// parameters are malformed.
std::optional<std::string> parameter(std::string_view value, std::string_view name) {
  auto rest = value.substr(std::min(value.find(';'), value.size()));
  while (rest.starts_with(';')) {
    rest = trim(rest.substr(1));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto own = trim(rest.substr(0, equals));
    rest = trim(rest.substr(equals + 1));
    auto found = take_value(rest);
    if (!found) return std::nullopt;
    if (equal_ignoring_case(own, name)) return found;
    rest = trim(rest);
  }
  return std::nullopt;
}

Result<void> read_disposition(std::string_view value, PartHeader& part) {
  const auto kind = trim(value.substr(0, value.find(';')));
  auto name = parameter(value, "name");
  if (!equal_ignoring_case(kind, "form-data") || !name) {
    return broken("a part's Content-Disposition is not form-data with a name");
  }
  part.name = *std::move(name);
  part.file_name = parameter(value, "filename");
  return {};
}

/// `text` is a sequence of lines, each with its CR LF.
Result<PartHeader> read_part_header(std::string_view text) {
  PartHeader part;
  bool disposition = false;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == std::string_view::npos || name.empty() || !std::ranges::all_of(name, is_token) ||
        !std::ranges::all_of(line, is_field_value)) {
      return broken("a part's header line is not: name, colon, value");
    }
    const auto value = trim(line.substr(colon + 1));
    if (equal_ignoring_case(name, "Content-Type")) part.content_type = value;
    if (!equal_ignoring_case(name, "Content-Disposition")) continue;
    if (std::exchange(disposition, true)) return broken("a part has two Content-Disposition");
    if (auto read = read_disposition(value, part); !read) return tl::unexpected(read.error());
  }
  if (!disposition) return broken("a part has no Content-Disposition");
  return part;
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
  const auto type = trim(content_type.substr(0, content_type.find(';')));
  if (!equal_ignoring_case(type, "multipart/form-data")) {
    return fail(Errc::invalid_argument, "Content-Type is not multipart/form-data");
  }
  auto boundary = parameter(content_type, "boundary");
  const bool fits = boundary && !boundary->empty() && boundary->size() <= kMostBoundary &&
                    std::ranges::all_of(*boundary, is_boundary) && boundary->back() != ' ';
  if (!fits) {
    return fail(Errc::invalid_argument,
                "Content-Type needs a boundary of 1 to 70 characters, as RFC 2046 allows them");
  }
  return *std::move(boundary);
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartCallbacks callbacks,
                                 MultipartLimits limits)
    : delimiter_("\r\n--" + std::string(boundary)),
      callbacks_(std::move(callbacks)),
      limits_(limits),
      // The first boundary may be at the very start, so the parser assumes that a line ended before
      // it.
      pending_("\r\n") {}

Result<void> MultipartParser::feed(std::string_view bytes) {
  if (failure_) return tl::unexpected(*failure_);
  pending_ += bytes;
  auto consumed = consume();
  if (!consumed) failure_ = consumed.error();
  return consumed;
}

Result<void> MultipartParser::finish() {
  if (failure_) return tl::unexpected(*failure_);
  if (state_ != State::epilogue) return broken("it ends before its closing boundary");
  return {};
}

Result<void> MultipartParser::consume() {
  while (true) {
    const State before = state_;
    const std::size_t size = pending_.size();
    auto done = step();
    if (!done || (state_ == before && pending_.size() == size)) return done;
  }
}

Result<void> MultipartParser::step() {
  switch (state_) {
    case State::preamble:
    case State::data:
      return find_boundary();
    case State::after_boundary:
      return end_boundary_line();
    case State::header:
      return open_part();
    case State::epilogue:
      pending_.clear();
  }
  return {};
}

Result<void> MultipartParser::find_boundary() {
  const auto found = pending_.find(delimiter_);
  // Bytes that could be the start of a boundary stay in the buffer.
  const std::size_t sure = found != std::string::npos ? found
                           : pending_.size() < delimiter_.size()
                               ? 0
                               : pending_.size() - delimiter_.size() + 1;
  if (state_ == State::data && sure > 0) {
    const std::string_view piece = std::string_view(pending_).substr(0, sure);
    if (auto taken = callbacks_.on_data(piece); !taken) return taken;
  }
  if (found == std::string::npos) {
    pending_.erase(0, sure);
    return {};
  }
  pending_.erase(0, found + delimiter_.size());
  const bool ends_part = state_ == State::data;
  state_ = State::after_boundary;
  return ends_part ? callbacks_.on_part_end() : Result<void>();
}

Result<void> MultipartParser::end_boundary_line() {
  if (pending_.size() < 2) return {};
  if (pending_.starts_with("--")) {
    state_ = State::epilogue;
    return {};
  }
  const auto text = pending_.find_first_not_of(" \t");
  if (text > kMostPadding && pending_.size() > kMostPadding) {
    return broken("a boundary's line is too long");
  }
  if (text == std::string::npos || text + 1 >= pending_.size()) return {};
  if (pending_.compare(text, 2, "\r\n") != 0) return broken("a boundary does not end its line");
  // The CR LF stays, so that a header without lines looks like any other header.
  pending_.erase(0, text);
  if (++parts_ > limits_.parts) {
    return broken("it has more than " + std::to_string(limits_.parts) + " parts");
  }
  state_ = State::header;
  return {};
}

Result<void> MultipartParser::open_part() {
  const auto end = pending_.find("\r\n\r\n");
  // If no end has been found, the last three bytes may be the start of one.
  const bool fits = end != std::string::npos ? end <= limits_.header_bytes
                                             : pending_.size() <= limits_.header_bytes + 3;
  if (!fits) {
    return broken("a part's header has more than " + std::to_string(limits_.header_bytes) +
                  " bytes");
  }
  if (end == std::string::npos) return {};
  const auto part = read_part_header(std::string_view(pending_).substr(2, end));
  if (!part) return tl::unexpected(part.error());
  pending_.erase(0, end + 4);
  state_ = State::data;
  return callbacks_.on_part(*part);
}

}  // namespace steno::http
