#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace steno::client {

/// One server-sent event.
struct StreamEvent {
  std::string id;  ///< the last one given; it stands for later events, too
  std::string type = "message";
  std::string data;
};

/// Takes a text/event-stream apart as it comes, by the rules of the HTML standard. What is not
/// ended when a connection breaks is no event.
class EventReader {
 public:
  using Take = std::function<void(const StreamEvent&)>;

  explicit EventReader(Take take) : take_(std::move(take)) {}
  void feed(std::string_view bytes);

 private:
  void take_line(std::string_view line);

  Take take_;
  std::string line_;  // that is not ended yet
  bool after_cr_ = false;
  StreamEvent event_;
  bool has_data_ = false;
};

}  // namespace steno::client
