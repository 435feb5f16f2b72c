#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>

namespace steno::decode {

/// Messages between the process that owns a recording and the child that decodes it.
enum class Kind : std::uint32_t {
  job,      ///< to the child, first: text name, text file name, int32 track or -1, uint8 split
            ///< channels, int64 size of the recording or -1
  fetch,    ///< from the child: Fetch
  bytes,    ///< to the child: int32 number of bytes or a negative errno value, then the bytes
  opened,   ///< from the child: int32 channels, double duration or NaN, warnings
  samples,  ///< from the child: the samples of each channel, one channel after the other
  ended,    ///< from the child, last: warnings. Warnings are an uint64 count and texts
  failed,   ///< from the child, last: text of the error bad_audio
};

struct Header {
  Kind kind = Kind::failed;
  std::uint32_t size = 0;  ///< bytes behind the header
};

/// A request for bytes of the recording. Requests for a recording that is read in order follow each
/// other without a gap.
struct Fetch {
  std::int64_t offset = 0;
  std::uint32_t size = 0;
};

/// The most bytes of one request.
inline constexpr std::uint32_t kMostFetched = 256 << 10;
/// The most bytes of a message that contains texts.
inline constexpr std::uint32_t kMostText = 64 << 10;

/// Sends and receives messages over a stream socket. Not thread-safe.
class Wire {
 public:
  /// Called when the socket does not block and has to be waited for, with POLLIN or POLLOUT. False
  /// ends the call.
  using Wait = std::function<bool(short events)>;

  explicit Wire(int descriptor, Wait wait = {});

  /// These return false if the other side has gone, or if the wait ended. At most two parts.
  bool send(Kind kind, std::initializer_list<std::span<const std::byte>> parts);
  bool receive(Header& header);
  bool receive(std::span<std::byte> into);

 private:
  bool wait(short events) const { return wait_ && wait_(events); }

  int descriptor_;
  Wait wait_;
};

}  // namespace steno::decode
