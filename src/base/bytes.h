#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace steno {

/// Writes numbers and texts as bytes that ByteReader reads, on a machine of the same byte order:
///
///     ByteWriter out;
///     out.number(0.25).text("en");
///     ByteReader in(out.bytes());
///     const auto probability = in.number<double>();
///     const auto language = in.text();
///     if (!in.is_whole()) return fail(...);
class ByteWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> ByteWriter& number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  /// The text with its length before it.
  ByteWriter& text(std::string_view text) {
    number(static_cast<uint64_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  /// The values with their count before them.
  template <class T>
  requires std::is_arithmetic_v<T> ByteWriter& numbers(const std::vector<T>& values) {
    number(static_cast<uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what ByteWriter wrote, in the same order. Bytes that are cut or damaged give zeros and
/// empty values, and is_whole() tells. Never reads beyond the bytes, which must outlive it.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  requires std::is_arithmetic_v<T> T number() {
    T value{};
    copy(&value, sizeof value);
    return value;
  }
  /// Valid as long as the bytes are.
  std::string_view text() {
    const size_t size = count(1);
    const std::string_view text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
  }
  template <class T>
  requires std::is_arithmetic_v<T> std::vector<T> numbers() {
    std::vector<T> values(count(sizeof(T)));
    copy(values.data(), values.size() * sizeof(T));
    return values;
  }
  /// A count of elements that take at least `least` bytes each: no more than there is room for.
  size_t count(size_t least) {
    const auto count = number<uint64_t>();
    if (count <= bytes_.size() / least) return static_cast<size_t>(count);
    failed_ = true;
    bytes_ = {};
    return 0;
  }

  bool has_failed() const { return failed_; }
  /// Whether all that was asked for was there, and nothing is left.
  bool is_whole() const { return !failed_ && bytes_.empty(); }

 private:
  void copy(void* to, size_t size) {
    if (size == 0) return;
    if (bytes_.size() < size) {
      failed_ = true;
      bytes_ = {};
      return;
    }
    std::memcpy(to, bytes_.data(), size);
    bytes_.remove_prefix(size);
  }

  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace steno
