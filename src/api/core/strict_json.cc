#include "api/core/strict_json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace steno::api {
namespace {

using nlohmann::json;

constexpr int kMostLevels = 16;
constexpr size_t kLongestShown = 60;

// Finds duplicate keys and deep nesting, which the parser itself accepts.
class Watch {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        keys_.emplace_back();
        [[fallthrough]];
      case json::parse_event_t::array_start:
        if (depth >= kMostLevels) complain("more than 16 levels of nesting");
        break;
      case json::parse_event_t::object_end:
        keys_.pop_back();
        break;
      case json::parse_event_t::key:
        note(parsed.get_ref<const std::string&>());
        break;
      default:
        break;
    }
    return complaint_.empty();
  }

  const std::string& complaint() const { return complaint_; }

 private:
  void note(const std::string& key) {
    if (keys_.back().insert(key).second) return;
    complain(key.size() > kLongestShown ? "a key comes twice in one object"
                                        : "the key \"" + key + "\" comes twice in one object");
  }
  void complain(std::string text) {
    if (complaint_.empty()) complaint_ = std::move(text);
  }

  std::vector<std::set<std::string>> keys_;
  std::string complaint_;
};

}  // namespace

Result<json> parse_strict_json(std::string_view text) {
  Watch watch;
  try {
    auto watching = [&watch](int depth, json::parse_event_t event, json& parsed) {
      return watch(depth, event, parsed);
    };
    json value = json::parse(text, watching);
    if (!watch.complaint().empty()) return fail(Errc::invalid_argument, watch.complaint());
    return value;
  } catch (const json::parse_error& error) {
    return fail(Errc::invalid_argument, "the text is not valid JSON (RFC 8259, UTF-8) at byte " +
                                            std::to_string(error.byte));
  } catch (const json::out_of_range&) {
    return fail(Errc::invalid_argument, "a number is too large");
  }
}

}  // namespace steno::api
