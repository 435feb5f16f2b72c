#include "pipeline/decode/input.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include "unit/pipeline/decode/recordings.h"

namespace steno::decode {
namespace {

using testing::bytes_of;
using testing::decode_all;
using testing::ffmpeg;
using ::testing::IsEmpty;
using testing::tones;

/// Replaces standard input by a pipe that supplies `bytes` in small pieces, while it exists.
class Piped {
 public:
  explicit Piped(std::vector<std::byte> bytes, std::size_t piece = 3000) : old_(::dup(0)) {
    std::signal(SIGPIPE, SIG_IGN);  // a reader may close before everything is written
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    ::dup2(ends[0], 0);
    ::close(ends[0]);
    writer_ = std::jthread([bytes = std::move(bytes), piece, end = ends[1]] {
      std::span rest(bytes);
      while (!rest.empty()) {
        const auto count = ::write(end, rest.data(), std::min(piece, rest.size()));
        if (count <= 0) break;
        rest = rest.subspan(static_cast<std::size_t>(count));
      }
      ::close(end);
    });
  }
  ~Piped() {
    ::dup2(old_, 0);
    ::close(old_);
  }

 private:
  int old_;
  std::jthread writer_;
};

class FromAPipe : public ::testing::TestWithParam<const char*> {};

TEST_P(FromAPipe, GivesWhatTheFileGives) {
  const auto path = ffmpeg("-i '" + tones() + "'", GetParam());
  const auto from_file = decode_all(Source::file(path));
  ASSERT_TRUE(from_file.has_value()) << from_file.error().message;
  const Piped piped(bytes_of(path));
  const auto decoded = decode_all(Source::standard_input());
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_THAT(decoded->warnings, IsEmpty());
  EXPECT_NEAR(decoded->seconds(), from_file->seconds(), 0.05);
  EXPECT_NEAR(testing::amplitude(decoded->channels[0], 1000, 2.6, 3.4), 0.25, 0.03);
}

INSTANTIATE_TEST_SUITE_P(Formats, FromAPipe,
                         ::testing::Values("p.wav", "p.mp3", "p.flac", "p.ogg", "p.opus", "p.webm",
                                           "p.m4a", "p.aiff", "p.avi", "p.wma", "p.caf", "p.ts"),
                         [](const auto& info) { return std::string(info.param + 2); });

TEST(StandardInput, SpoolsOnlyWhatNeedsIt) {
  const auto open = [](const std::string& path) {
    const Piped piped(bytes_of(path));
    const auto input = open_input(Source::standard_input(), {});
    return input.has_value() && (*input)->is_seekable();
  };
  EXPECT_TRUE(open(ffmpeg("-i '" + tones() + "'", "last.m4a")));
  EXPECT_FALSE(open(ffmpeg("-i '" + tones() + "' -movflags faststart", "first.m4a")));
  EXPECT_FALSE(open(tones()));
}

TEST(StandardInput, AFileGivenAsStandardInputIsOne) {
  const int old = ::dup(0);
  const int file = ::open(ffmpeg("-i '" + tones() + "'", "in.m4a").c_str(), O_RDONLY);
  ::dup2(file, 0);
  ::close(file);
  const auto decoded = decode_all(Source::standard_input());
  ::dup2(old, 0);
  ::close(old);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_NEAR(decoded->seconds(), 4, 0.1);
}

TEST(StandardInput, IsEmpty) {
  const Piped piped({});
  const auto decoded = decode_all(Source::standard_input());
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().message, "standard input: is empty");
}

TEST(StandardInput, StopsWaitingWhenAsked) {
  const auto path = (testing::folder() / "pipe").string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int writer = ::open(path.c_str(), O_RDWR);
  std::stop_source stop;
  std::jthread later([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  DecodeOptions options;
  options.stop = stop.get_token();
  const auto decoded = decode_all(Source::file(path), options);
  ::close(writer);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, Errc::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(StandardInput, LeavesNothingInTheTemporaryFolder) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator(testing::folder() / "spool"), {});
  };
  const auto path = ffmpeg("-i '" + tones() + "'", "spooled.m4a");
  std::filesystem::create_directory(testing::folder() / "spool");
  ::setenv("TMPDIR", (testing::folder() / "spool").c_str(), 1);
  {
    const Piped piped(bytes_of(path));
    EXPECT_TRUE(decode_all(Source::standard_input()).has_value());
    EXPECT_EQ(count(), 0);
  }
  ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace steno::decode
