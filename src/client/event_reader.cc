#include "client/event_reader.h"

#include <utility>

namespace steno::client {

void EventReader::feed(std::string_view bytes) {
  if (after_cr_ && bytes.starts_with('\n')) bytes.remove_prefix(1);
  if (!bytes.empty()) after_cr_ = false;
  while (!bytes.empty()) {
    const size_t end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (end == std::string_view::npos) return;
    const bool is_cr = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    take_line(std::exchange(line_, {}));
    after_cr_ = is_cr && bytes.empty();
    if (is_cr && bytes.starts_with('\n')) bytes.remove_prefix(1);
  }
}

void EventReader::take_line(std::string_view line) {
  if (line.empty()) {
    if (has_data_) take_(event_);
    event_.type = "message";
    event_.data.clear();
    has_data_ = false;
    return;
  }
  const size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "id" && value.find('\0') == std::string_view::npos) {
    event_.id = value;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  }
}

}  // namespace steno::client
