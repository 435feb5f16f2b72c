#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/model_file.h"

namespace steno::models {

/// Builds model files byte by byte, so that tests do not depend on the writer.
class ModelBytes {
 public:
  template <class T>
  ModelBytes& add(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof(T));
    return *this;
  }
  ModelBytes& name(const std::string& value) {
    add(static_cast<std::uint16_t>(value.size() + 1));
    text_ += value;
    text_ += '\0';
    return *this;
  }
  ModelBytes& header(std::uint32_t version, std::uint32_t arrays,
                     const std::string& spec = "WhisperSpec") {
    add(version);
    if (version >= 2) name(spec).add(std::uint32_t{3});
    return add(arrays);
  }
  template <class T>
  ModelBytes& array(const std::string& key, const std::vector<std::uint32_t>& shape, DataType type,
                    const std::vector<T>& values) {
    name(key).add(static_cast<std::uint8_t>(shape.size()));
    for (const auto dimension : shape) add(dimension);
    add(static_cast<std::uint8_t>(type)).add(static_cast<std::uint32_t>(values.size() * sizeof(T)));
    for (const T value : values) add(value);
    return *this;
  }
  const std::string& text() const { return text_; }
  std::span<const std::byte> span() const { return std::as_bytes(std::span(text_)); }

 private:
  std::string text_;
};

inline constexpr std::uint16_t kHalfOne = 0x3c00, kHalfMinusTwo = 0xc000, kHalfHalf = 0x3800;

/// Embeddings of `entries` x 1 and a convolution of 1 x 1 x 2: the smallest valid Whisper model.
inline ModelBytes whisper_bytes(std::uint32_t entries = 51865) {
  ModelBytes bytes;
  bytes.header(6, 2)
      .array<std::uint16_t>("decoder/embeddings/weight", {entries, 1}, DataType::float16,
                            std::vector<std::uint16_t>(entries, kHalfOne))
      .array<std::uint16_t>("encoder/conv1/weight", {1, 1, 2}, DataType::float16,
                            {kHalfOne, kHalfHalf})
      .add(std::uint32_t{0});
  return bytes;
}

}  // namespace steno::models
