// Files made from valid ones by changes of headers, tracks and lengths, decoded in children. The
// long run: STENO_MUTATED_FILES=300, by `make mutated`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/decode/decode.h"
#include "sandbox/sandbox.h"
#include "unit/pipeline/decode/recordings.h"

namespace steno::decode {
namespace {

using testing::bytes_of;
using testing::ffmpeg;
using ::testing::HasSubstr;
using testing::tones;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kMemoryBar = 300'000'000;
constexpr std::chrono::seconds kLongest{10};

/// One valid file per container, some with several tracks and a picture.
std::vector<std::pair<std::string, Bytes>> valid_files() {
  const std::string sound = "-i '" + tones() + "' ";
  const std::string film = sound + "-f lavfi -i testsrc=d=1:s=64x48 -map 0 -map 0 -map 1 ";
  const std::string cover = sound + "-f lavfi -i color=s=300x300:d=0.04 -map 0 -map 1 ";
  const std::vector<std::pair<std::string, std::string>> makers = {
      {"a.wav", sound},
      {"a.mp3", cover + "-c:v png -disposition:v attached_pic"},
      {"a.m4a", sound + "-c:a aac"},
      {"a.mov", film + "-c:a pcm_s16le -c:v png -pix_fmt:v rgb48be"},
      {"a.mp4", film + "-c:a aac -c:v mpeg4 -movflags faststart"},
      {"f.mp4", sound + "-c:a aac -movflags frag_keyframe+empty_moov"},
      {"a.mkv", film + "-c:a flac -c:v ffv1"},
      {"a.webm", sound + "-c:a libopus"},
      {"a.ogg", sound + "-c:a libvorbis"},
      {"a.flac", cover + "-c:v png -disposition:v attached_pic"},
      {"a.avi", film + "-c:a libmp3lame -c:v png"},
      {"a.wma", sound},
      {"a.ts", film + "-c:a aac -c:v mpeg2video"},
      {"a.aiff", sound},
      {"a.caf", sound + "-c:a pcm_s16le"},
      {"a.flv", sound + "-c:a aac"},
      {"a.wv", sound},
      {"a.au", sound}};
  std::vector<std::pair<std::string, Bytes>> files;
  for (const auto& [name, arguments] : makers) {
    files.emplace_back(name, bytes_of(ffmpeg(arguments, "valid_" + name)));
  }
  return files;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  Bytes mutate(Bytes bytes) {
    const int changes = 1 + static_cast<int>(below(4));
    for (int i = 0; i < changes && bytes.size() > 64; ++i) change(bytes);
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % std::max<std::size_t>(1, limit); }

  /// Headers are at the start or at the end.
  std::size_t header_position(const Bytes& bytes) {
    const std::size_t zone = std::min<std::size_t>(bytes.size() - 16, 4096);
    return below(3) != 0 ? below(zone) : bytes.size() - 16 - below(zone);
  }

  void change(Bytes& bytes) {
    switch (below(6)) {
      case 0:
        return put_length(bytes, header_position(bytes));
      case 1:
        return put_length(bytes, before_tag(bytes));
      case 2:
        return repeat(bytes);
      case 3:
        return remove(bytes);
      case 4:
        return swap_tags(bytes);
      default:
        for (int i = 0; i < 8; ++i) {
          bytes[header_position(bytes)] = static_cast<std::byte>(random_());
        }
    }
  }

  /// An extreme value in the place of a length or count, in either byte order.
  void put_length(Bytes& bytes, std::size_t at) {
    static constexpr std::array<std::uint32_t, 9> kExtremes = {
        0, 1, 0x7f, 0xff, 0xffff, 0x00ffffff, 0x7fffffff, 0x80000000, 0xffffffff};
    const std::uint32_t value =
        below(4) == 0 ? static_cast<std::uint32_t>(random_()) : kExtremes[below(kExtremes.size())];
    const std::size_t width = std::array<std::size_t, 3>{1, 2, 4}[below(3)];
    std::memcpy(bytes.data() + std::min(at, bytes.size() - width), &value, width);
  }

  /// Four letters, such as the name of a box or chunk.
  std::size_t tag(const Bytes& bytes) {
    const auto is_letter = [](std::byte b) { return std::isalpha(static_cast<int>(b)) != 0; };
    for (int i = 0; i < 2000; ++i) {
      const std::size_t at = header_position(bytes);
      if (std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      bytes.begin() + static_cast<std::ptrdiff_t>(at) + 4, is_letter)) {
        return at;
      }
    }
    return header_position(bytes);
  }
  std::size_t before_tag(const Bytes& bytes) {
    const std::size_t at = tag(bytes);
    return below(2) == 0 && at >= 4 ? at - 4 : at + 4;
  }

  /// As of a track that is there many times.
  void repeat(Bytes& bytes) {
    const std::size_t at = tag(bytes);
    const std::size_t count = std::min<std::size_t>(bytes.size() - at, 8 + below(2000));
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const Bytes part(first, first + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 1 + below(200); i > 0; --i) {
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), part.begin(), part.end());
    }
  }

  void remove(Bytes& bytes) {
    const std::size_t at = tag(bytes);
    const std::size_t count = std::min<std::size_t>(bytes.size() - at, 1 + below(300));
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    bytes.erase(first, first + static_cast<std::ptrdiff_t>(count));
  }

  void swap_tags(Bytes& bytes) {
    const std::size_t a = tag(bytes);
    const std::size_t b = tag(bytes);
    const std::size_t count = std::min<std::size_t>(4, bytes.size() - std::max(a, b));
    if (a > b ? a - b < count : b - a < count) return;
    std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(a),
                     bytes.begin() + static_cast<std::ptrdiff_t>(a + count),
                     bytes.begin() + static_cast<std::ptrdiff_t>(b));
  }

  std::mt19937 random_;
};

int number_of_files() {
  const char* wanted = std::getenv("STENO_MUTATED_FILES");
  return wanted == nullptr ? 60 : std::atoi(wanted);
}

/// Largest resident memory of the children, in memory that they share with the test.
struct Peak {
  std::uint64_t* const bytes = static_cast<std::uint64_t*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ~Peak() { ::munmap(bytes, 4096); }
  void add() const {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    *bytes = std::max(*bytes, static_cast<std::uint64_t>(used.ru_maxrss) << 10);
  }
};

TEST(MutatedFiles, GiveAudioOrAClearErrorWithinTheLimits) {
  const Peak peak;
  const sandbox::Sandbox sandbox([&peak](int channel) {
    decode_in_child(channel);
    peak.add();
  });
  std::vector<std::string> faults;
  const Decoders decoders(sandbox, [&](const std::string& fault) { faults.push_back(fault); });
  const auto files = valid_files();
  const int count = number_of_files();
  int decoded = 0;
  for (int i = 0; i < count; ++i) {
    const auto& [name, valid] = files[static_cast<std::size_t>(i) % files.size()];
    const std::string shown = std::to_string(i) + name;
    const Bytes bytes = Mutator(static_cast<unsigned>(i)).mutate(valid);
    faults.clear();
    DecodeOptions options;
    options.channels = i % 2 == 0 ? Channels::mix : Channels::split;
    const auto begin = std::chrono::steady_clock::now();
    auto decoder = decoders.open(Source::memory(bytes, shown), options);
    std::optional<Error> error;
    if (!decoder) error = decoder.error();
    std::vector<std::vector<float>> block;
    Result<bool> more = decoder.has_value();
    while (more && *more) more = (*decoder)->read(block);
    if (!more) error = more.error();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kLongest) << shown << " hangs";
    EXPECT_TRUE(sandbox.is_alive());
    if (error) {
      EXPECT_EQ(error->code, Errc::bad_audio) << error->message;
      EXPECT_THAT(error->message, HasSubstr(shown + ": "));
    } else {
      ++decoded;
    }
    for (const std::string& fault : faults) {
      ADD_FAILURE() << shown << ": " << fault;
      testing::write_bytes("fault_" + shown, bytes);
    }
  }
  if (!sandbox::kIsSanitized) {
    EXPECT_LT(*peak.bytes, kMemoryBar);
  }
  RecordProperty("decoded", decoded);
  RecordProperty("peak_megabytes", static_cast<int>(*peak.bytes / 1'000'000));
}

}  // namespace
}  // namespace steno::decode
