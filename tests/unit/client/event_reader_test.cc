#include "client/event_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace steno::client {
namespace {

std::vector<StreamEvent> read(std::string_view text, size_t piece) {
  std::vector<StreamEvent> events;
  EventReader reader([&events](const StreamEvent& event) { events.push_back(event); });
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece));
  }
  return events;
}

TEST(EventReader, ReadsEventsHoweverTheyAreCut) {
  constexpr std::string_view kText =
      ": a comment\n\nid: 1\nevent: status\ndata: {\"a\":1}\n\n"
      "id:2\r\nevent:segment\r\ndata: one\r\ndata:  two\r\n\r\n"
      "data: three\r\rretry: 5\nid: 9\n\nevent: cut\ndata: off\n";
  for (size_t piece = 1; piece <= kText.size(); ++piece) {
    const auto events = read(kText, piece);
    ASSERT_EQ(events.size(), 3U) << piece;
    EXPECT_EQ(events[0].id, "1");
    EXPECT_EQ(events[0].type, "status");
    EXPECT_EQ(events[0].data, "{\"a\":1}");
    EXPECT_EQ(events[1].id, "2");
    EXPECT_EQ(events[1].type, "segment");
    EXPECT_EQ(events[1].data, "one\n two");
    EXPECT_EQ(events[2].id, "2");  // the last id received
    EXPECT_EQ(events[2].type, "message");
    EXPECT_EQ(events[2].data, "three");
  }
}

}  // namespace
}  // namespace steno::client
