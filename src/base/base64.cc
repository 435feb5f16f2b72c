#include "base/base64.h"

namespace steno {
namespace {

constexpr unsigned char kNone = 255;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<unsigned char, 256> make_values() {
  std::array<unsigned char, 256> values{};
  values.fill(kNone);
  for (size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<unsigned char>(i);
  }
  return values;
}
constexpr std::array<unsigned char, 256> kValues = make_values();

}  // namespace

Result<void> Base64Decoder::feed(std::string_view text, std::string& bytes) {
  for (const char c : text) {
    if (ended_) return fail(Errc::invalid_argument, "there is text after base64's padding");
    unsigned char value = kValues[static_cast<unsigned char>(c)];
    if (c == '=' && filled_ >= 2) {
      ++padding_;
      value = 0;
    } else if (value == kNone || padding_ > 0) {
      return fail(Errc::invalid_argument,
                  "only A-Z, a-z, 0-9, + and /, padded with =, are base64; no line breaks");
    }
    group_[filled_++] = value;
    if (filled_ < group_.size()) continue;
    const unsigned all = group_[0] << 18U | group_[1] << 12U | group_[2] << 6U | group_[3];
    if ((padding_ == 1 && (all & 0xFFU) != 0) || (padding_ == 2 && (all & 0xFFFFU) != 0)) {
      return fail(Errc::invalid_argument, "base64's last group has bits that are not used");
    }
    for (size_t i = 0; i < 3 - padding_; ++i) {
      bytes.push_back(static_cast<char>(all >> (16 - 8 * i)));
    }
    filled_ = 0;
    ended_ = padding_ > 0;
  }
  return {};
}

Result<void> Base64Decoder::finish() const {
  if (filled_ == 0) return {};
  return fail(Errc::invalid_argument, "base64 must be padded with = to a multiple of 4 characters");
}

Result<std::string> decode_base64(std::string_view text) {
  Base64Decoder decoder;
  std::string bytes;
  if (auto fed = decoder.feed(text, bytes); !fed) return tl::unexpected(fed.error());
  if (auto ended = decoder.finish(); !ended) return tl::unexpected(ended.error());
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    unsigned all = 0;
    for (size_t k = 0; k < 3; ++k) {
      all = all << 8U | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      text.push_back(k <= group.size() ? kDigits[all >> (18 - 6 * k) & 63U] : '=');
    }
  }
  return text;
}

}  // namespace steno
