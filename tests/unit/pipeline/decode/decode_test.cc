#include "pipeline/decode/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "test_paths.h"
#include "unit/pipeline/decode/recordings.h"

namespace steno::decode {
namespace {

using ::testing::AllOf;
using testing::amplitude;
using testing::decode_all;
using testing::Decoded;
using testing::ffmpeg;
using testing::folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::tones;
using testing::write_bytes;
using testing::write_wav;

Error error_of(const Source& source, const DecodeOptions& options = {}) {
  const auto result = decode_all(source, options);
  EXPECT_FALSE(result.has_value()) << source.name << " was decoded";
  return result ? Error{} : result.error();
}

Error error_of(const std::string& path) { return error_of(Source::file(path)); }

/// Whether the tones are where tones() has them, each at half of their amplitude: mixed down.
void expect_tones(const Decoded& decoded, double later = 0) {
  ASSERT_EQ(decoded.channels.size(), 1U);
  const auto& samples = decoded.channels[0];
  EXPECT_NEAR(decoded.seconds(), 4 + later, 0.1);
  EXPECT_NEAR(amplitude(samples, 440, later + 1.1, later + 1.9), 0.25, 0.03);
  EXPECT_NEAR(amplitude(samples, 1000, later + 2.6, later + 3.4), 0.25, 0.03);
  EXPECT_LT(amplitude(samples, 440, later + 2.1, later + 3.9), 0.01);
  EXPECT_LT(amplitude(samples, 1000, later + 0.1, later + 2.4), 0.01);
}

struct Format {
  std::string arguments;
  std::string output;
};

class EveryFormat : public ::testing::TestWithParam<Format> {};

TEST_P(EveryFormat, GivesTheTonesWhereTheyAre) {
  const auto path = ffmpeg("-i '" + tones() + "' " + GetParam().arguments, GetParam().output);
  const auto decoded = decode_all(Source::file(path));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  expect_tones(*decoded);
  EXPECT_THAT(decoded->warnings, IsEmpty());

  const auto bytes = testing::bytes_of(path);
  const auto from_memory = decode_all(Source::memory(bytes, "memory"));
  ASSERT_TRUE(from_memory.has_value()) << from_memory.error().message;
  EXPECT_EQ(from_memory->channels, decoded->channels);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, EveryFormat,
    ::testing::Values(
        Format{"-c:a pcm_u8", "u8.wav"}, Format{"-c:a pcm_s16le", "s16.wav"},
        Format{"-c:a pcm_s24le", "s24.wav"}, Format{"-c:a pcm_s32le", "s32.wav"},
        Format{"-c:a pcm_f32le", "float.wav"}, Format{"-c:a pcm_f64le", "double.wav"},
        Format{"-c:a pcm_alaw -ar 8000", "alaw.wav"},
        Format{"-c:a pcm_mulaw -ar 8000", "mulaw.wav"}, Format{"-c:a adpcm_ima_wav", "adpcm.wav"},
        Format{"", "aiff.aiff"}, Format{"", "au.au"}, Format{"", "mp3.mp3"},
        Format{"-ar 22050", "mp3_22050.mp3"}, Format{"", "mp2.mp2"}, Format{"-c:a aac", "m4a.m4a"},
        Format{"-c:a aac -movflags faststart", "fast.m4a"}, Format{"-c:a aac", "adts.aac"},
        Format{"-c:a alac", "alac.m4a"}, Format{"-c:a libvorbis", "vorbis.ogg"},
        Format{"-c:a libopus", "opus.opus"}, Format{"-c:a libopus", "opus.webm"},
        Format{"", "flac.flac"}, Format{"", "wma.wma"}, Format{"-c:a ac3", "ac3.ac3"},
        Format{"-c:a eac3", "eac3.eac3"}, Format{"-c:a aac", "ts.ts"},
        Format{"-c:a wavpack", "wavpack.wv"}, Format{"-c:a pcm_s16le", "caf.caf"},
        Format{"-c:a libmp3lame", "avi.avi"}, Format{"-c:a aac", "flv.flv"}),
    [](const auto& info) {
      auto name = info.param.output;
      for (char& c : name) c = c == '.' ? '_' : c;
      return name;
    });

TEST(Decode, ReadsAmr) {
  // 50 frames of 12.2 kbit/s that hold zeros; Debian's FFmpeg decodes AMR and does not encode it.
  std::string amr = "#!AMR\n";
  for (int i = 0; i < 50; ++i) amr += '\x3c' + std::string(31, '\0');
  const auto decoded = decode_all(Source::memory(std::as_bytes(std::span(amr)), "amr"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_NEAR(decoded->seconds(), 1, 0.02);
}

TEST(Decode, BelievesTheContentNotTheName) {
  const auto mp3 = testing::bytes_of(ffmpeg("-i '" + tones() + "'", "real.mp3"));
  for (const std::string name : {"no_ending", "is.wav", "is.mp4", "is.txt", "is.png", "is.m3u8"}) {
    const auto decoded = decode_all(Source::file(write_bytes(name, mp3)));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    expect_tones(*decoded);
  }
}

/// The input of the golden files, generated with integers so that every language makes the same.
std::vector<std::int16_t> noise(int samples, int channels) {
  std::vector<std::int16_t> result;
  std::uint32_t state = 1;
  for (int i = 0; i < samples * channels; ++i) {
    state = state * 1664525U + 1013904223U;
    result.push_back(static_cast<std::int16_t>(state >> 16));
  }
  return result;
}

void expect_golden(const std::string& path, const std::string& golden) {
  const auto decoded = decode_all(Source::file(path));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  const auto bytes = testing::bytes_of(std::string(STENO_GOLDEN) + "/decode/" + golden);
  const auto& samples = decoded->channels[0];
  ASSERT_EQ(samples.size(), bytes.size() / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::int16_t expected = 0;
    std::memcpy(&expected, bytes.data() + 2 * i, 2);
    // The reference rounds to 16 bits, after the mix-down and again after resampling.
    ASSERT_NEAR(samples[i], expected / 32768.0, 1.6 / 32768) << "sample " << i;
  }
}

TEST(Decode, MixesStereoAsTheReference) {
  expect_golden(write_wav("stereo.wav", noise(22050, 2), 2, 44100), "stereo_44100.s16");
}

TEST(Decode, MixesSurroundAsTheReference) {
  write_wav("six.wav", noise(16000, 6), 6, 48000);
  expect_golden(ffmpeg("-channel_layout 5.1 -i six.wav -c:a flac", "six.flac"),
                "surround_48000.s16");
}

TEST(Decode, SplitsChannels) {
  DecodeOptions options;
  options.channels = Channels::split;
  const auto decoded = decode_all(Source::file(tones()), options);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  ASSERT_EQ(decoded->channels.size(), 2U);
  EXPECT_NEAR(amplitude(decoded->channels[0], 440, 1.1, 1.9), 0.5, 0.03);
  EXPECT_LT(amplitude(decoded->channels[0], 1000, 0, 4), 0.001);
  EXPECT_NEAR(amplitude(decoded->channels[1], 1000, 2.6, 3.4), 0.5, 0.03);
  EXPECT_LT(amplitude(decoded->channels[1], 440, 0, 4), 0.001);
}

TEST(Decode, SplitsAndMixesMoreChannelsThanAnyLayoutHas) {
  const auto path = write_wav("thirteen.wav", noise(16000, 13), 13, 16000);
  DecodeOptions options;
  options.channels = Channels::split;
  const auto split = decode_all(Source::file(path), options);
  ASSERT_TRUE(split.has_value()) << split.error().message;
  EXPECT_EQ(split->channels.size(), 13U);
  const auto mixed = decode_all(Source::file(path));
  ASSERT_TRUE(mixed.has_value()) << mixed.error().message;
  ASSERT_EQ(mixed->channels.size(), 1U);
  double sum = 0;
  for (const auto& channel : split->channels) sum += channel[500];
  EXPECT_NEAR(mixed->channels[0][500], sum / 13, 1e-5);
}

TEST(Decode, ChoosesTheTrack) {
  const auto tone = [](int hertz) {
    return "-f lavfi -i sine=f=" + std::to_string(hertz) + ":d=2:r=48000 ";
  };
  for (const std::string name : {"tracks.mp4", "tracks.mkv"}) {
    const auto path = ffmpeg("-f lavfi -i testsrc=d=2:s=160x120 " + tone(500) + tone(1500) +
                                 "-map 0 -map 1 -map 2 -c:a aac",
                             name);
    const auto file = Source::file(path);
    for (int track = 0; track < 2; ++track) {
      DecodeOptions options;
      options.track = track;
      const auto decoded = decode_all(file, options);
      ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
      const auto& samples = decoded->channels[0];
      EXPECT_GT(amplitude(samples, 500 + 1000 * track, 0.5, 1.5), 0.08) << name;
      EXPECT_LT(amplitude(samples, 1500 - 1000 * track, 0.5, 1.5), 0.01) << name;
    }
    DecodeOptions options;
    options.track = 2;
    EXPECT_EQ(error_of(file, options).message, path + ": has 2 audio tracks (0 to 1), no track 2");
  }
}

TEST(Decode, FollowsRateAndChannelsThatChange) {
  const std::string input = "-i '" + tones() + "' ";
  auto bytes = testing::bytes_of(ffmpeg(input + "-ac 1 -ar 16000", "mono.mp2"));
  const auto other = testing::bytes_of(ffmpeg(input + "-ac 2 -ar 48000", "stereo.mp2"));
  bytes.insert(bytes.end(), other.begin(), other.end());
  const auto path = write_bytes("change.mp2", bytes);
  auto decoded = decode_all(Source::file(path));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_NEAR(decoded->seconds(), 8, 0.1);
  EXPECT_NEAR(amplitude(decoded->channels[0], 1000, 2.6, 3.4), 0.25, 0.03);
  EXPECT_NEAR(amplitude(decoded->channels[0], 1000, 6.7, 7.4), 0.25, 0.03);

  DecodeOptions options;
  options.channels = Channels::split;
  decoded = decode_all(Source::file(path), options);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(decoded->channels.size(), 1U) << "the start decides how many channels there are";
}

TEST(Decode, KeepsFloatsInRangeAndFinite) {
  const auto path = ffmpeg("-i '" + tones() + "' -af volume=4 -c:a pcm_f32le", "loud.wav");
  auto bytes = testing::bytes_of(path);
  for (std::size_t i = bytes.size() - 4000; i < bytes.size(); ++i) bytes[i] = std::byte{0xff};
  const auto decoded = decode_all(Source::memory(bytes, "loud"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  float most = 0;
  for (const float sample : decoded->channels[0]) {
    ASSERT_TRUE(std::isfinite(sample));
    most = std::max(most, std::abs(sample));
  }
  EXPECT_EQ(most, 1);
}

TEST(Decode, CountsTimeAsPlayersDo) {
  const std::string late = "-itsoffset 5 -i '" + tones() + "' ";
  for (const std::string name : {"late.mp4", "late.mkv", "late.webm", "late.mov"}) {
    const auto codec = name == "late.webm" ? "-c:a libopus" : "-c:a aac";
    const auto decoded = decode_all(Source::file(ffmpeg(late + codec, name)));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    expect_tones(*decoded, 5);
    EXPECT_THAT(decoded->warnings, IsEmpty()) << name;
  }
  const std::string picture = "-f lavfi -i testsrc=d=9:s=160x120 ";
  for (const std::string name : {"late_video.mp4", "late_video.mkv", "late_video.ts"}) {
    const auto decoded = decode_all(Source::file(ffmpeg(picture + late + "-c:a aac", name)));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    expect_tones(*decoded, 5);
  }
  // The timestamps of a transport stream may start anywhere.
  const auto decoded = decode_all(Source::file(ffmpeg(late + "-c:a aac", "late.ts")));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  expect_tones(*decoded);
}

TEST(Decode, FillsHolesWithSilence) {
  for (const std::string name : {"hole.mkv", "hole.mp4", "hole.ts"}) {
    const auto path =
        ffmpeg("-i '" + tones() + "' -af \"aselect='lt(t,0.5)+gt(t,0.9)'\" -c:a aac", name);
    const auto decoded = decode_all(Source::file(path));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    expect_tones(*decoded);
  }
}

TEST(Decode, SaysTheDuration) {
  const auto decoder = testing::sandboxed().open(Source::file(tones()));
  ASSERT_TRUE(decoder.has_value());
  EXPECT_NEAR((*decoder)->duration().value_or(0), 4, 0.001);
}

TEST(DecodeErrors, NameTheFileAndTheCause) {
  const auto missing = (folder() / "missing.wav").string();
  EXPECT_EQ(error_of(missing).code, Errc::not_found);
  EXPECT_EQ(error_of(missing).message, missing + ": no such file");

  EXPECT_EQ(error_of(folder().string()).code, Errc::io);
  EXPECT_EQ(error_of(folder().string()).message,
            folder().string() + ": is a folder, not an audio file");

  const auto empty = write_bytes("empty.wav", {});
  EXPECT_EQ(error_of(empty).code, Errc::bad_audio);
  EXPECT_EQ(error_of(empty).message, empty + ": is empty");
  EXPECT_EQ(error_of(Source::memory({}, "body")).message, "body: is empty");

  const std::string text = "Dear Sir, this is not a recording.\n";
  const auto letter = write_bytes("letter.txt", std::as_bytes(std::span(text)));
  EXPECT_EQ(error_of(letter).code, Errc::bad_audio);
  EXPECT_THAT(error_of(letter).message, StartsWith(letter + ": not audio"));
  EXPECT_THAT(error_of("/dev/zero").message, StartsWith("/dev/zero: not audio"));
}

/// Drops root's permissions while it exists.
struct AsNobody {
  AsNobody() : is_root(::geteuid() == 0) {
    if (is_root) ok = ::seteuid(65534) == 0;
  }
  ~AsNobody() {
    if (is_root && ::seteuid(0) != 0) std::abort();
  }
  bool is_root;
  bool ok = true;
};

TEST(DecodeErrors, UnreadableFile) {
  const auto path = write_bytes("secret.wav", {});
  std::filesystem::permissions(path, std::filesystem::perms::none);
  std::filesystem::permissions(folder(), std::filesystem::perms::all);
  const AsNobody nobody;
  ASSERT_TRUE(nobody.ok);
  const auto error = error_of(path);
  EXPECT_EQ(error.code, Errc::io);
  EXPECT_EQ(error.message, path + ": no permission to read it");
}

TEST(DecodeErrors, NoSoundInIt) {
  EXPECT_THAT(error_of(ffmpeg("-f lavfi -i testsrc=d=1:s=160x120", "silent.mp4")).message,
              HasSubstr("silent.mp4: has no audio track"));
  EXPECT_THAT(error_of(ffmpeg("-f lavfi -i testsrc=s=160x120 -frames:v 1", "picture.jpg")).message,
              HasSubstr("picture.jpg: "));
  EXPECT_THAT(error_of(write_wav("none.wav", {}, 1, 16000)).message,
              HasSubstr("none.wav: its audio track is empty"));
  EXPECT_THAT(error_of(write_wav("short.wav", noise(20, 1), 1, 16000)).message,
              HasSubstr("short.wav: too short: 20 samples"));
}

TEST(DecodeErrors, Encrypted) {
  const std::string key = "00112233445566778899aabbccddeeff";
  const auto common = ffmpeg("-i '" + tones() + "' -encryption_scheme cenc-aes-ctr" +
                                 " -encryption_key " + key + " -encryption_kid " + key,
                             "common.mp4");
  EXPECT_EQ(error_of(common).message, common + ": is encrypted");

  auto bytes = testing::bytes_of(ffmpeg("-i '" + tones() + "' -c:a aac", "shop.m4a"));
  const std::string from = "mp4a", to = "drms";
  for (std::size_t i = 0; i + 4 <= bytes.size(); ++i) {
    if (std::memcmp(&bytes[i], from.data(), 4) == 0) std::memcpy(&bytes[i], to.data(), 4);
  }
  const auto shop = write_bytes("shop.m4p", bytes);
  EXPECT_EQ(error_of(shop).message, shop + ": is encrypted");
}

TEST(DecodeErrors, AreOneLineWhateverTheName) {
  const auto message = error_of((folder() / "a\nb\x1b[31m.wav").string()).message;
  EXPECT_THAT(message, AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\x1b"))));
}

TEST(DecodeErrors, PlaylistsOpenNothing) {
  const auto target = tones();
  const std::vector<std::pair<std::string, std::string>> playlists = {
      {"a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n" + target + "\n#EXT-X-ENDLIST\n"},
      {"a.mp3", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://" + target + "\n"},
      {"a.m3u", "#EXTM3U\n" + target + "\n"},
      {"a.ffconcat", "ffconcat version 1.0\nfile '" + target + "'\n"},
      {"a.wav", "ffconcat version 1.0\nfile '" + target + "'\n"},
      {"a.sdp",
       "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"}};
  for (const auto& [name, text] : playlists) {
    const auto path = write_bytes(name, std::as_bytes(std::span(text)));
    EXPECT_EQ(error_of(path).message,
              path + ": is a playlist, which is not followed; give the audio file itself");
  }
  const std::string dash =
      "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\">"
      "<Period><AdaptationSet><Representation id=\"1\"><BaseURL>" +
      target + "</BaseURL></Representation></AdaptationSet></Period></MPD>";
  EXPECT_THAT(error_of(write_bytes("a.mpd", std::as_bytes(std::span(dash)))).message,
              HasSubstr("a.mpd: "));
  const std::string address = "data:audio/wav;base64,UklGRiQAAABXQVZF";
  EXPECT_THAT(error_of(write_bytes("address.txt", std::as_bytes(std::span(address)))).message,
              HasSubstr("address.txt: not audio"));
}

TEST(DecodeErrors, FFmpegsLogStaysInside) {
  ::testing::internal::CaptureStderr();
  auto bytes = testing::bytes_of(ffmpeg("-i '" + tones() + "'", "noisy.mp3"));
  for (std::size_t i = 5000; i < bytes.size(); i += 97) bytes[i] = std::byte{0xff};
  EXPECT_TRUE(decode_all(Source::memory(bytes, "noisy")).has_value());
  error_of(Source::memory(std::span(bytes).first(30), "bits"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace steno::decode
