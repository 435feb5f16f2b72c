#include "api/submit/inline_audio.h"

#include <algorithm>
#include <charconv>

namespace steno::api {
namespace {

constexpr size_t kLongestFieldName = 32;

tl::unexpected<Error> not_base64() {
  return fail(Errc::invalid_argument, "an escape in the recording stands for no base64");
}

}  // namespace

Result<void> InlineAudio::feed(std::string_view bytes, std::string& audio) {
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (state_ == State::audio) {
      if (escape_.empty()) {  // most of the text, processed as one run
        const size_t end = std::min(bytes.find_first_of("\"\\", at), bytes.size());
        if (auto fed = decoder_.feed(bytes.substr(at, end - at), audio); !fed) return fed;
        at = end;
        if (at == bytes.size()) break;
      }
      if (auto taken = take_audio(bytes[at], audio); !taken) return taken;
    } else if (state_ == State::string) {
      take_string(bytes[at]);
    } else if (auto taken = take(bytes[at]); !taken) {
      return taken;
    }
  }
  return {};
}

Result<void> InlineAudio::take_audio(char c, std::string& audio) {
  if (!escape_.empty()) return take_escaped(c, audio);
  if (c == '\\') {
    escape_ = c;
    return {};
  }
  document_ += '"';
  state_ = State::outside;
  return decoder_.finish();
}

// Serialisers may write "/" as "\/" and "+" as "\u002B".
Result<void> InlineAudio::take_escaped(char c, std::string& audio) {
  escape_ += c;
  if (escape_ == "\\/") {
    escape_.clear();
    return decoder_.feed("/", audio);
  }
  if (escape_[1] != 'u') return not_base64();
  constexpr size_t kLength = 6;
  if (escape_.size() < kLength) return {};
  unsigned code = 0;
  const auto [end, error] = std::from_chars(&escape_[2], &escape_[0] + kLength, code, 16);
  if (error != std::errc() || end != &escape_[0] + kLength || code > 127) return not_base64();
  escape_.clear();
  const char plain = static_cast<char>(code);
  return decoder_.feed({&plain, 1}, audio);
}

void InlineAudio::take_string(char c) {
  document_ += c;
  if (depth_ == 1 && is_key_ && key_.size() < kLongestFieldName && c != '"') key_ += c;
  if (escaped_) {
    escaped_ = false;
  } else if (c == '\\') {
    escaped_ = true;
  } else if (c == '"') {
    state_ = State::outside;
  }
}

bool InlineAudio::begins_audio() const {
  return depth_ == 1 && !is_key_ && (key_ == "audio_base64" || key_ == "blob");
}

Result<void> InlineAudio::take(char c) {
  document_ += c;
  switch (c) {
    case '"':
      if (begins_audio()) {
        if (found_) return fail(Errc::invalid_argument, "there are two recordings");
        found_ = true;
        state_ = State::audio;
        break;
      }
      if (depth_ == 1 && is_key_) key_.clear();
      state_ = State::string;
      break;
    case '{':
    case '[':
      ++depth_;
      break;
    case '}':
    case ']':
      if (depth_ > 0) --depth_;
      break;
    case ',':
      if (depth_ == 1) is_key_ = true;
      break;
    case ':':
      if (depth_ == 1) is_key_ = false;
      break;
    default:
      break;
  }
  return {};
}

}  // namespace steno::api
