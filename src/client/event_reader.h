#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace steno::client {

/// One server-sent event.
struct StreamEvent {
  std::string id;  ///< the last id received; it also applies to later events
  std::string type = "message";
  std::string data;
};

/// Parses a text/event-stream incrementally, by the rules of the HTML standard. An unfinished event
/// at the end of a connection is dropped.
class EventReader {
 public:
  using Take = std::function<void(const StreamEvent&)>;

  explicit EventReader(Take take) : take_(std::move(take)) {}
  void feed(std::string_view bytes);

 private:
  void take_line(std::string_view line);

  Take take_;
  std::string line_;  // unfinished line
  bool after_cr_ = false;
  StreamEvent event_;
  bool has_data_ = false;
};

}  // namespace steno::client
