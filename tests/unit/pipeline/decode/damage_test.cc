#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/decode/decode.h"
#include "unit/pipeline/decode/recordings.h"

namespace steno::decode {
namespace {

using testing::amplitude;
using testing::bytes_of;
using testing::decode_all;
using ::testing::ElementsAre;
using testing::ffmpeg;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::tones;
using testing::write_bytes;
using Bytes = std::vector<std::byte>;

std::string encoded(const std::string& arguments, const std::string& output) {
  return ffmpeg("-i '" + tones() + "' " + arguments, output);
}

struct Cut {
  std::string arguments;
  std::string output;
};

class CutOff : public ::testing::TestWithParam<Cut> {};

TEST_P(CutOff, GivesWhatIsThereAndSaysUpToWhere) {
  auto bytes = bytes_of(encoded(GetParam().arguments, GetParam().output));
  // In the second tone, so that the last part of the file is not silence of a few bytes.
  const auto whole = decode_all(Source::memory(bytes, "whole"));
  ASSERT_TRUE(whole.has_value()) << whole.error().message;
  EXPECT_THAT(whole->warnings, IsEmpty());
  bytes.resize(bytes.size() * 7 / 10);
  const auto path = write_bytes("cut_" + GetParam().output, bytes);
  const auto decoded = decode_all(Source::file(path));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_GT(decoded->seconds(), 2);
  EXPECT_LT(decoded->seconds(), 3.5);
  EXPECT_NEAR(amplitude(decoded->channels[0], 440, 1.1, 1.9), 0.25, 0.03);
  ASSERT_EQ(decoded->warnings.size(), 1U);
  const auto& warning = decoded->warnings[0];
  EXPECT_THAT(warning, HasSubstr(path + ": cut off or damaged: "));
  const auto second = std::to_string(static_cast<int>(decoded->seconds()));
  EXPECT_THAT(warning, HasSubstr("only audio up to 0:0" + second + "."));
}

INSTANTIATE_TEST_SUITE_P(
    Formats, CutOff,
    ::testing::Values(Cut{"", "pcm.wav"}, Cut{"-b:a 128k", "mp3.mp3"},
                      Cut{"-movflags faststart -c:a aac", "m4a.m4a"},
                      Cut{"-c:a libvorbis -page_duration 100000", "vorbis.ogg"},
                      Cut{"-c:a libopus -vbr off -page_duration 100000", "opus.opus"},
                      Cut{"", "wma.wma"}, Cut{"-c:a libopus -vbr off", "webm.webm"},
                      Cut{"-c:a aac", "mkv.mkv"}),
    [](const auto& info) { return info.param.output.substr(0, info.param.output.find('.')); });

TEST(Damage, OggCutBetweenTwoPagesIsSaidToo) {
  auto bytes = bytes_of(encoded("-c:a libopus -vbr off -page_duration 100000", "pages.opus"));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  bytes.resize(text.rfind("OggS", bytes.size() * 8 / 10));
  const auto decoded = decode_all(Source::memory(bytes, "pages"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_THAT(decoded->warnings,
              ElementsAre(HasSubstr("pages: cut off or damaged: only audio up to 0:0")));
}

TEST(Damage, AnMp4WithoutItsIndexIsCalledThat) {
  auto bytes = bytes_of(encoded("-c:a aac", "whole.m4a"));
  bytes.resize(bytes.size() / 2);
  const auto path = write_bytes("half.m4a", bytes);
  const auto decoded = decode_all(Source::file(path));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().message, path + ": cut off: an mp4 file without its index (moov)");
}

TEST(Damage, InTheMiddleIsSaidAndTheRestIsRead) {
  auto bytes = bytes_of(encoded("-b:a 128k -write_xing 0", "middle.mp3"));
  // 0.2 s of 16000 bytes a second, within the first tone.
  for (std::size_t i = 24000; i < 27200; ++i) bytes[i] = std::byte{0};
  const auto decoded = decode_all(Source::memory(bytes, "talk.mp3"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_NEAR(decoded->seconds(), 4, 0.4);
  EXPECT_GT(amplitude(decoded->channels[0], 1000, 2.7, 3.2), 0.2);
  ASSERT_EQ(decoded->warnings.size(), 1U);
  EXPECT_THAT(decoded->warnings[0], HasSubstr("talk.mp3: damaged "));
  EXPECT_THAT(decoded->warnings[0], HasSubstr("0:01."));
}

class DamagedMiddle : public ::testing::TestWithParam<Cut> {};

TEST_P(DamagedMiddle, IsSaid) {
  const auto path = ffmpeg("-stream_loop 4 -i '" + tones() + "' " + GetParam().arguments,
                           "middle_" + GetParam().output);
  auto bytes = bytes_of(path);
  const auto whole = decode_all(Source::file(path));
  ASSERT_TRUE(whole.has_value()) << whole.error().message;
  EXPECT_NEAR(whole->seconds(), 20, 0.2);
  EXPECT_THAT(whole->warnings, IsEmpty());
  std::mt19937 random(1);
  for (auto i = bytes.size() / 2; i < bytes.size() * 65 / 100; ++i) {
    bytes[i] = static_cast<std::byte>(random());
  }
  const auto decoded = decode_all(Source::memory(bytes, "talk"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  ASSERT_FALSE(decoded->warnings.empty());
  const auto& warning = decoded->warnings[0];
  if (GetParam().output.ends_with(".avi")) {  // has no timestamps that would show the position
    EXPECT_THAT(decoded->warnings.back(), HasSubstr("its header promises 0:20."));
    return;
  }
  int from = 0;
  int to = 0;
  ASSERT_EQ(std::sscanf(warning.c_str(), "talk: damaged between 0:%d.%*d and 0:%d.", &from, &to), 2)
      << warning;
  EXPECT_NEAR(from, 10, 2);
  EXPECT_NEAR(to, 13, 3);
  EXPECT_GT(to, from);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, DamagedMiddle,
    ::testing::Values(Cut{"-c:a libvorbis -page_duration 100000", "vorbis.ogg"},
                      Cut{"-c:a libopus -vbr off", "opus.opus"}, Cut{"", "wma.wma"},
                      Cut{"-c:a libopus -vbr off", "webm.webm"},
                      Cut{"-c:a libmp3lame -b:a 128k", "mkv.mkv"}, Cut{"-c:a ac3", "avi.avi"},
                      Cut{"-c:a libmp3lame -b:a 128k", "mp3.avi"}),
    [](const auto& info) {
      auto name = info.param.output;
      std::ranges::replace(name, '.', '_');
      return name;
    });

TEST(Damage, AHoleInTheTimeStampsIsNone) {
  for (const std::string name : {"gap.webm", "gap.mkv", "gap.ts"}) {
    const auto path = encoded("-af \"aselect='lt(t,1.2)+gt(t,3)'\"", name);
    const auto decoded = decode_all(Source::file(path));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_NEAR(decoded->seconds(), 4, 0.2) << name;
    EXPECT_THAT(decoded->warnings, IsEmpty());
  }
}

TEST(Damage, ACutAviIsCalledThat) {
  for (const std::string arguments : {"-c:a libmp3lame -b:a 64k", "-c:a pcm_s16le"}) {
    auto bytes = bytes_of(encoded(arguments, "whole.avi"));
    bytes.resize(bytes.size() * 7 / 10);
    const auto decoded = decode_all(Source::memory(bytes, "cut.avi"));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_EQ(decoded->warnings.size(), 1U);
    EXPECT_THAT(decoded->warnings[0], HasSubstr("cut.avi: cut off or damaged: only audio up to "));
  }
}

TEST(Damage, ACutWavIsCalledThatWhateverComesBeforeItsSamples) {
  auto bytes = bytes_of(tones());
  const std::size_t size = 200000;
  Bytes junk(8 + size);
  for (std::size_t i = 0; i < 4; ++i) {
    junk[i] = static_cast<std::byte>("JUNK"[i]);
    junk[4 + i] = static_cast<std::byte>(size >> (8 * i));
  }
  const auto riff = bytes.size() - 8 + junk.size();
  for (std::size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<std::byte>(riff >> (8 * i));
  bytes.insert(bytes.begin() + 36, junk.begin(), junk.end());
  const auto whole = decode_all(Source::memory(bytes, "junk.wav"));
  ASSERT_TRUE(whole.has_value()) << whole.error().message;
  EXPECT_THAT(whole->warnings, IsEmpty());
  bytes.resize(bytes.size() * 7 / 10);
  const auto decoded = decode_all(Source::memory(bytes, "junk.wav"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  ASSERT_EQ(decoded->warnings.size(), 1U);
  EXPECT_THAT(decoded->warnings[0], HasSubstr("junk.wav: cut off or damaged: only audio up to "));
}

TEST(Damage, AHeaderOfUnknownLengthIsNone) {
  // Programs that write wav to a pipe use these sizes.
  auto bytes = bytes_of(tones());
  for (const std::size_t at : {4U, 40U}) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = std::byte{0xff};
  }
  const auto decoded = decode_all(Source::memory(bytes, "pipe.wav"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_NEAR(decoded->seconds(), 4, 0.01);
  EXPECT_THAT(decoded->warnings, IsEmpty());
}

TEST(Damage, WhatFollowsTheRecordingIsNone) {
  auto bytes = bytes_of(encoded("-c:a aac", "tail.m4a"));
  bytes.insert(bytes.end(), 5000, std::byte{0x55});
  const auto decoded = decode_all(Source::memory(bytes, "tail.m4a"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_NEAR(decoded->seconds(), 4, 0.1);
  EXPECT_THAT(decoded->warnings, IsEmpty());
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr long kMostGrowth = 1L << 30;  // sanitizers delay the release of memory
#else
constexpr long kMostGrowth = 64L << 20;
#endif

/// Bytes of this process in memory.
long resident() {
  long pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

Bytes damaged(const Bytes& whole, int kind, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return random() % std::max<std::size_t>(1, limit); };
  Bytes bytes = whole;
  switch (kind % 5) {
    case 0:  // cut at the end
      bytes.resize(below(bytes.size()));
      break;
    case 1:  // single bits
      for (int i = 0; i < 200; ++i) {
        bytes[below(bytes.size())] ^= static_cast<std::byte>(1U << (random() % 8));
      }
      break;
    case 2:  // a wrong header
      for (std::size_t i = 0; i < 8; ++i) {
        bytes[below(std::min<std::size_t>(bytes.size(), 512))] = static_cast<std::byte>(random());
      }
      break;
    case 3: {  // random bytes
      const auto start = below(bytes.size());
      const auto end = std::min(bytes.size(), start + below(bytes.size() / 3));
      for (auto i = start; i < end; ++i) bytes[i] = static_cast<std::byte>(random());
      break;
    }
    default: {  // missing bytes, and changed bits behind them
      const auto start = static_cast<std::ptrdiff_t>(below(bytes.size()));
      const auto count = std::min<std::size_t>(below(5000), bytes.size() - start);
      bytes.erase(bytes.begin() + start,
                  bytes.begin() + start + static_cast<std::ptrdiff_t>(count));
      for (int i = 0; i < 20 && !bytes.empty(); ++i) bytes[below(bytes.size())] = std::byte{0xff};
    }
  }
  return bytes;
}

/// Decodes and stops after ten seconds, which no file of four seconds takes.
void expect_audio_or_a_clear_error(const Bytes& bytes, const std::string& name) {
  std::stop_source stop;
  const auto start = std::chrono::steady_clock::now();
  std::jthread watch([&stop, start](std::stop_token done) {
    while (!done.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      if (std::chrono::steady_clock::now() - start > std::chrono::seconds(10)) stop.request_stop();
    }
  });
  DecodeOptions options;
  options.stop = stop.get_token();
  const auto decoded = decode_all(Source::memory(bytes, name), options);
  ASSERT_FALSE(stop.stop_requested()) << name << " hangs";
  if (decoded) {
    EXPECT_GT(decoded->seconds(), 0) << name;
    for (const auto& warning : decoded->warnings) EXPECT_THAT(warning, HasSubstr(name + ": "));
  } else {
    EXPECT_EQ(decoded.error().code, Errc::bad_audio) << name;
    EXPECT_THAT(decoded.error().message, HasSubstr(name + ": "));
  }
}

TEST(Damage, TwoHundredFilesGiveAudioOrAClearError) {
  const std::vector<std::pair<std::string, std::string>> formats = {
      {"pcm.wav", ""},
      {"mp3.mp3", ""},
      {"m4a.m4a", "-c:a aac"},
      {"vorbis.ogg", ""},
      {"opus.opus", ""},
      {"flac.flac", ""},
      {"webm.webm", ""},
      {"wma.wma", ""},
      {"ts.ts", "-c:a aac"},
      {"mkv.mkv", "-c:a aac"},
      {"adts.aac", "-c:a aac"},
      {"aiff.aiff", ""},
      {"alac.m4a", "-c:a alac"},
      {"avi.avi", ""},
      {"ac3.ac3", ""},
      {"flv.flv", "-c:a aac"},
      {"frag.mp4", "-c:a aac -movflags frag_keyframe+empty_moov"}};
  std::mt19937 random(4);
  std::vector<Bytes> wholes;
  for (const auto& [name, arguments] : formats)
    wholes.push_back(bytes_of(encoded(arguments, name)));
  long at_start = 0;
  for (int i = 0; i < 240; ++i) {
    const auto kind = static_cast<std::size_t>(i) % formats.size();
    // The name's ending is a hint to FFmpeg, right or wrong.
    const auto& ending = formats[(kind + (i % 7 == 0 ? 1 : 0)) % formats.size()].first;
    const auto name = "file" + std::to_string(i) + ending;
    expect_audio_or_a_clear_error(damaged(wholes[kind], i / 3, random), name);
    if (i == 60) at_start = resident();
  }
  for (int i = 0; i < 20; ++i) {
    Bytes noise(1000 + random() % 100000);
    for (auto& byte : noise) byte = static_cast<std::byte>(random());
    expect_audio_or_a_clear_error(noise, "noise" + std::to_string(i) + formats[i % 17].first);
  }
  EXPECT_LT(resident() - at_start, kMostGrowth) << "memory grows";
}

}  // namespace
}  // namespace steno::decode
