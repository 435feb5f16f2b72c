#include "pipeline/decode/read_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "unit/pipeline/decode/recordings.h"

namespace steno::decode {
namespace {

using testing::bytes_of;
using testing::decode_all;
using ::testing::ElementsAre;
using testing::ffmpeg;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Bytes = std::vector<std::byte>;
using Request = std::pair<std::uint64_t, std::size_t>;  // offset and length

/// A store that takes its time for each request and remembers them all.
class SlowStore : public RangeReader {
 public:
  explicit SlowStore(Bytes content) : content_(std::move(content)) {}

  std::chrono::milliseconds latency{0};
  std::atomic<std::uint64_t> fails_from = ~std::uint64_t{0};  ///< requests that reach this offset
  mutable std::atomic<int> failures = 1 << 30;                ///< that are left
  bool throws = false;
  std::uint64_t missing = 0;  ///< bytes at the end that size() counts and read() does not have

  std::uint64_t size() const override { return content_.size(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    {
      const std::lock_guard lock(mutex_);
      requests_.emplace_back(offset, into.size());
    }
    std::this_thread::sleep_for(latency);
    if (offset + into.size() > fails_from && failures-- > 0) {
      if (throws) throw std::runtime_error("the store is gone");
      return fail(Errc::unavailable, "the store does not answer");
    }
    const auto end = std::min<std::uint64_t>(offset + into.size(), content_.size() - missing);
    const auto count = end > offset ? static_cast<std::size_t>(end - offset) : 0;
    std::memcpy(into.data(), content_.data() + offset, count);
    return count;
  }

  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [offset, length] : requests()) sum += length;
    return sum;
  }

 private:
  const Bytes content_;
  mutable std::mutex mutex_;
  mutable std::vector<Request> requests_;
};

constexpr std::size_t kMiB = std::size_t{1} << 20;

Bytes counted(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 1021);
  return bytes;
}

/// Everything from where the input stands, in reads of FFmpeg's size.
Bytes read_all(ReadAheadInput& input) {
  Bytes all;
  Bytes buffer(64 << 10);
  while (true) {
    const int count = input.read(buffer);
    EXPECT_GE(count, 0);
    if (count <= 0) return all;
    all.insert(all.end(), buffer.begin(), buffer.begin() + count);
  }
}

TEST(ReadAhead, GivesEveryByteOnceInBlocksThatGrow) {
  const Bytes content = counted(9 * kMiB + 123);
  const auto store = std::make_shared<SlowStore>(content);
  {
    ReadAheadInput input(store);
    EXPECT_EQ(input.size(), static_cast<std::int64_t>(content.size()));
    EXPECT_TRUE(read_all(input) == content);
  }
  EXPECT_THAT(
      store->requests(),
      ElementsAre(Request(0, kMiB / 4), Request(kMiB / 4, kMiB / 2), Request(3 * kMiB / 4, kMiB),
                  Request(7 * kMiB / 4, 2 * kMiB), Request(15 * kMiB / 4, 2 * kMiB),
                  Request(23 * kMiB / 4, 2 * kMiB), Request(31 * kMiB / 4, kMiB + kMiB / 4 + 123)));
}

TEST(ReadAhead, FetchesTheNextBlockWhileTheLastOneIsUsed) {
  const auto store = std::make_shared<SlowStore>(counted(12 * kMiB));
  store->latency = std::chrono::milliseconds(50);
  ReadAheadInput input(store);
  Bytes buffer(64 << 10);
  std::chrono::steady_clock::duration waited{};
  while (true) {
    const auto begin = std::chrono::steady_clock::now();
    if (input.read(buffer) == 0) break;
    waited += std::chrono::steady_clock::now() - begin;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // as if it were decoded
  }
  // Eight requests of 50 ms, of which only the first few are waited for.
  EXPECT_GE(store->requests().size(), 8U);
  EXPECT_LT(waited, std::chrono::milliseconds(300));
}

TEST(ReadAhead, JumpsToTheEndAndBackWithTwoRequests) {
  const Bytes content = counted(5 * kMiB);
  const auto store = std::make_shared<SlowStore>(content);
  ReadAheadInput input(store);
  Bytes buffer(100);
  const auto expect_at = [&](std::int64_t offset) {
    ASSERT_TRUE(input.seek(offset));
    ASSERT_EQ(input.read(buffer), 100);
    EXPECT_EQ(std::memcmp(buffer.data(), content.data() + offset, 100), 0) << offset;
  };
  const auto end = static_cast<std::int64_t>(content.size());
  expect_at(0);
  expect_at(end - 128);
  expect_at(end - 32 * 1024);  // tags are looked for from the last one on
  expect_at(44);
  EXPECT_EQ(store->requests().size(), 2U);
  ASSERT_TRUE(input.seek(end + 10));
  EXPECT_EQ(input.read(buffer), 0);
  EXPECT_FALSE(input.seek(-1));
}

TEST(ReadAhead, ReadsAgainWhatTheBackgroundFailedToRead) {
  const Bytes content = counted(4 * kMiB);
  const auto store = std::make_shared<SlowStore>(content);
  store->fails_from = kMiB;
  store->failures = 1;
  ReadAheadInput input(store);
  EXPECT_TRUE(read_all(input) == content);
}

TEST(ReadAhead, FailsWhereTheStoreFailsThrowsOrHasLessThanItSaid) {
  for (const int how : {0, 1, 2}) {
    const auto store = std::make_shared<SlowStore>(counted(4 * kMiB));
    if (how < 2) store->fails_from = kMiB;
    store->throws = how == 1;
    if (how == 2) store->missing = 1;
    ReadAheadInput input(store);
    Bytes buffer(64 << 10);
    int count = 1;
    while (count > 0) count = input.read(buffer);
    EXPECT_EQ(count, -EIO) << how;
  }
}

struct Recorded {
  std::string name;
  std::string arguments;
  std::size_t most_requests;

  friend void PrintTo(const Recorded& format, std::ostream* out) { *out << format.name; }
};

/// Two minutes of noise, so that every format is some megabytes long.
std::string recorded(const Recorded& format) {
  const auto path = (testing::folder() / ("far_" + format.name)).string();
  if (std::filesystem::exists(path)) return path;
  return ffmpeg("-f lavfi -i anoisesrc=d=120:c=pink:r=16000 -ac 1 " + format.arguments, path);
}

class FromAFarStore : public ::testing::TestWithParam<Recorded> {};

TEST_P(FromAFarStore, GivesTheSamplesOfTheFileInFewRequests) {
  const auto path = recorded(GetParam());
  const auto store = std::make_shared<SlowStore>(bytes_of(path));
  const auto from_file = decode_all(Source::file(path));
  ASSERT_TRUE(from_file.has_value()) << from_file.error().message;
  const auto decoded = decode_all(Source::ranges(store, "call"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_TRUE(decoded->channels == from_file->channels);
  EXPECT_THAT(decoded->warnings, IsEmpty());
  RecordProperty("requests", static_cast<int>(store->requests().size()));
  RecordProperty("bytes", static_cast<int>(store->bytes()));
  RecordProperty("size", static_cast<int>(store->size()));
  EXPECT_LE(store->requests().size(), GetParam().most_requests);
  EXPECT_LE(store->bytes(), store->size() + kMiB / 2);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, FromAFarStore,
    ::testing::Values(
        Recorded{"long.wav", "-c:a pcm_s16le", 8}, Recorded{"long.mp3", "-ar 44100 -b:a 192k", 8},
        Recorded{"index_last.m4a", "-c:a aac -ar 44100 -b:a 192k", 8},
        Recorded{"index_first.m4a", "-c:a aac -ar 44100 -b:a 192k -movflags faststart", 8},
        Recorded{"long.ogg", "-c:a libvorbis -ar 44100 -b:a 192k", 8},
        Recorded{"long.flac", "-c:a flac", 8}, Recorded{"long.webm", "-c:a libopus -b:a 192k", 8}),
    [](const auto& info) {
      auto name = info.param.name;
      std::ranges::replace(name, '.', '_');
      return name;
    });

TEST(FromAFarStore, ReadsAFilmAtMostOnce) {
  const auto path = ffmpeg(
      "-f lavfi -i testsrc=d=30:s=640x480:r=25 -f lavfi -i anoisesrc=d=30:r=44100 -c:v mpeg4 "
      "-b:v 4M -minrate 4M -maxrate 4M -bufsize 4M -c:a aac",
      "film.mp4");
  const auto store = std::make_shared<SlowStore>(bytes_of(path));
  const auto decoded = decode_all(Source::ranges(store, "film"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_NEAR(decoded->seconds(), 30, 0.1);
  RecordProperty("requests", static_cast<int>(store->requests().size()));
  EXPECT_LE(store->bytes(), store->size() + 3 * kMiB / 2);
  EXPECT_LE(store->requests().size(), 8 + store->size() / (2 * kMiB));
}

TEST(FromAFarStore, AFailureInTheMiddleIsNeverTheEndOfTheRecording) {
  for (const Recorded& format :
       {Recorded{"long.wav", "-c:a pcm_s16le", 0}, Recorded{"long.mp3", "-ar 44100 -b:a 192k", 0},
        Recorded{"index_first.m4a", "-c:a aac -ar 44100 -b:a 192k -movflags faststart", 0},
        Recorded{"long.ogg", "-c:a libvorbis -ar 44100 -b:a 192k", 0},
        Recorded{"long.flac", "-c:a flac", 0}}) {
    const auto store = std::make_shared<SlowStore>(bytes_of(recorded(format)));
    auto decoder = testing::sandboxed().open(Source::ranges(store, "call.mp3"));
    ASSERT_TRUE(decoder.has_value()) << format.name << ": " << decoder.error().message;
    store->fails_from = store->size() * 7 / 10;
    std::vector<std::vector<float>> block;
    Result<bool> more = true;
    double seconds = 0;
    while (more && *more) {
      more = (*decoder)->read(block);
      if (more && *more) seconds += 0.5;
    }
    ASSERT_FALSE(more.has_value()) << format.name << " ended after " << seconds;
    EXPECT_EQ(more.error().code, Errc::io);
    EXPECT_EQ(more.error().message, "call.mp3: cannot be read: Input/output error");
    EXPECT_GT(seconds, 10) << format.name;
  }
}

TEST(FromAFarStore, AFailureWhileItIsOpenedIsNoBadAudio) {
  const auto path = recorded({"index_last.m4a", "-c:a aac -ar 44100 -b:a 192k", 0});
  for (const bool from_the_start : {true, false}) {
    const auto store = std::make_shared<SlowStore>(bytes_of(path));
    store->fails_from = from_the_start ? 0 : store->size() / 2;
    const auto decoded = decode_all(Source::ranges(store, "call.m4a"));
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code, Errc::io);
    EXPECT_THAT(decoded.error().message, HasSubstr("call.m4a: cannot be read"));
  }
}

TEST(FromAFarStore, DamageAndEmptinessAreWhatTheyAreInAFile) {
  auto bytes = bytes_of(recorded({"long.mp3", "-ar 44100 -b:a 192k", 0}));
  bytes.resize(bytes.size() / 2);
  const auto cut = decode_all(Source::ranges(std::make_shared<SlowStore>(bytes), "call.mp3"));
  ASSERT_TRUE(cut.has_value()) << cut.error().message;
  EXPECT_THAT(cut->warnings, ElementsAre(HasSubstr("call.mp3: cut off or damaged")));
  const auto empty = decode_all(Source::ranges(std::make_shared<SlowStore>(Bytes{}), "call.mp3"));
  ASSERT_FALSE(empty.has_value());
  EXPECT_EQ(empty.error().message, "call.mp3: is empty");
}

}  // namespace
}  // namespace steno::decode
