#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"

namespace steno {

/// The key of a step in a CheckpointLog: a digest of what is added. Not thread-safe.
class StepKey {
 public:
  /// `step` says which kind of step: keys of two kinds never agree.
  explicit StepKey(std::string_view step) { add(step); }

  StepKey& add(std::string_view text) {
    digest_.add(ByteWriter().text(text).bytes());
    return *this;
  }
  template <class T>
  requires std::is_arithmetic_v<T> StepKey& add(T number) {
    digest_.add(ByteWriter().number(number).bytes());
    return *this;
  }
  StepKey& add(std::span<const float> samples) {
    add(samples.size());
    digest_.add({reinterpret_cast<const char*>(samples.data()), samples.size_bytes()});
    return *this;
  }
  StepKey& add(std::span<const int> numbers) {
    add(numbers.size());
    digest_.add({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
    return *this;
  }

  /// The key, kSize bytes; nothing may be added afterwards.
  std::string finish() { return digest_.finish().substr(0, kSize); }

  static constexpr size_t kSize = 16;

 private:
  Digest digest_;
};

}  // namespace steno
