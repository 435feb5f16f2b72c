#include "base/id.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace steno {

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  for (size_t done = 0; done < count;) {
    const ssize_t got = getrandom(bytes.data() + done, count - done, 0);
    if (got < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    if (got > 0) done += static_cast<size_t>(got);
  }
  return bytes;
}

std::string new_id(std::string_view prefix, Time now) {
  constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  const auto milliseconds = static_cast<uint64_t>(now.time_since_epoch().count());
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(milliseconds >> shift));
  }
  bytes += random_bytes(10);

  std::string id(prefix);
  // 128 bits are 26 digits of 5 bits, except the first one, which has 3.
  for (int digit = 0; digit < 26; ++digit) {
    unsigned value = 0;
    for (int bit = digit * 5 - 2; bit < digit * 5 + 3; ++bit) {
      const unsigned one =
          bit < 0 ? 0u : (static_cast<unsigned char>(bytes[bit / 8]) >> (7 - bit % 8)) & 1u;
      value = value << 1 | one;
    }
    id.push_back(kDigits[value]);
  }
  return id;
}

}  // namespace steno
