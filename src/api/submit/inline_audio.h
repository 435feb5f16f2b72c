#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/result.h"

namespace steno::api {

/// Separates a recording in base64 from the JSON document around it, while the document arrives, so
/// that the recording is never in memory as a whole. The text of the member "audio_base64" or
/// "blob" of the outermost object is decoded, and the document gets "" in its place. Does not check
/// that the rest is JSON. Not thread-safe.
class InlineAudio {
 public:
  /// Appends to document(), and the decoded bytes to `audio`. `invalid_argument` for text that is
  /// not base64 and for a second recording.
  Result<void> feed(std::string_view bytes, std::string& audio);

  /// The document without the recording.
  const std::string& document() const { return document_; }
  /// Whether there was such a member with a text.
  bool found() const { return found_; }

 private:
  Result<void> take_audio(char c, std::string& audio);
  Result<void> take_escaped(char c, std::string& audio);
  void take_string(char c);
  Result<void> take(char c);
  bool begins_audio() const;

  enum class State { outside, string, audio };
  State state_ = State::outside;
  std::size_t depth_ = 0;
  bool is_key_ = true;    ///< in the outermost object: the next string is a key
  std::string key_;       ///< the last key, with its escapes
  std::string escape_;    ///< the part of "\/" or "\u002b" that has arrived
  bool escaped_ = false;  ///< outside the recording
  bool found_ = false;
  Base64Decoder decoder_;
  std::string document_;
};

}  // namespace steno::api
