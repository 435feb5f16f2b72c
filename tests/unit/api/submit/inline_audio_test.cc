#include "api/submit/inline_audio.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace steno::api {
namespace {

// Document and audio of a body in pieces of this size. None if it is refused.
std::optional<std::pair<std::string, std::string>> parted(std::string_view body, size_t piece) {
  InlineAudio parts;
  std::string audio;
  for (size_t at = 0; at < body.size(); at += piece) {
    if (!parts.feed(body.substr(at, piece), audio)) return std::nullopt;
  }
  return std::pair(parts.document(), audio);
}

TEST(InlineAudio, TakesTheRecordingOutOfTheDocumentInPiecesOfAnySize) {
  const std::string body =
      R"({"a": "x,:{\"", "list": ["blob", {"blob": "no"}], "audio_base64" : "aGVsbG8\/bG8\u002b", "z": 1})";
  for (size_t piece = 1; piece <= body.size(); ++piece) {
    const auto split = parted(body, piece);
    ASSERT_TRUE(split) << piece;
    EXPECT_EQ(split->first,
              R"({"a": "x,:{\"", "list": ["blob", {"blob": "no"}], "audio_base64" : "", "z": 1})");
    EXPECT_EQ(split->second, decode_base64("aGVsbG8/bG8+").value_or("")) << piece;
  }
}

TEST(InlineAudio, LeavesOtherDocumentsAlone) {
  for (const std::string body :
       {R"({"url": "blob"})", R"(["blob", "aGk="])", R"({"blob": 5})", "nonsense \" {", ""}) {
    const auto split = parted(body, 3);
    ASSERT_TRUE(split) << body;
    EXPECT_EQ(split->first, body);
    EXPECT_EQ(split->second, "");
  }
}

TEST(InlineAudio, RefusesWhatIsNotBase64) {
  for (const char* text :
       {"aGk", "aG k=", "aGk=aGk=", "a===", "aGl=", "aGk=\\n", "-_-_", "\\u0100"}) {
    EXPECT_FALSE(parted(R"({"blob": ")" + std::string(text) + "\"}", 2)) << text;
  }
  EXPECT_FALSE(parted(R"({"blob": "aGk=", "audio_base64": "aGk="})", 7));
}

}  // namespace
}  // namespace steno::api
