#include "pipeline/decode/sniff.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/pipeline/decode/recordings.h"

namespace steno::decode {
namespace {

using namespace std::string_literals;

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string box(const std::string& kind, std::size_t size) {
  std::string head(4, '\0');
  for (int i = 0; i < 4; ++i) head[3 - i] = static_cast<char>(size >> (8 * i));
  return head + kind + std::string(size - 8, '\0');
}

TEST(Sniff, KnowsWhatMustBeSpooled) {
  EXPECT_TRUE(needs_seeking(bytes(box("ftyp", 24) + box("free", 8) + box("mdat", 5000))));
  EXPECT_FALSE(needs_seeking(bytes(box("ftyp", 24) + box("moov", 5000))));
  EXPECT_TRUE(needs_seeking(bytes(box("ftyp", 24) + box("free", 9000).substr(0, 100))));
  EXPECT_TRUE(needs_seeking(bytes("\0\0\0\x01mdat"s)));
  EXPECT_TRUE(needs_seeking(bytes("caff\0\x01\0\0"s)));
  EXPECT_TRUE(needs_seeking(bytes("FORM0000AIFCxxxx")));
  EXPECT_TRUE(needs_seeking(bytes("RIFF0000AVI LIST")));
  EXPECT_FALSE(needs_seeking(bytes("RIFF0000WAVEfmt ")));
  EXPECT_FALSE(needs_seeking(bytes("OggS0000000000000000")));
  EXPECT_FALSE(needs_seeking({}));
  EXPECT_FALSE(needs_seeking(bytes("ID3")));
}

TEST(Sniff, ReadsTheEndOfRiff) {
  auto wav = testing::bytes_of(testing::tones());
  EXPECT_EQ(riff_end(wav).value_or(0), static_cast<std::int64_t>(wav.size()));
  for (std::size_t i = 4; i < 8; ++i) wav[i] = std::byte{0xff};
  EXPECT_FALSE(riff_end(wav)) << "a length that stands for none";
  EXPECT_FALSE(riff_end(bytes("RIFF\0\0\0\0AVI LIST"s)));
  EXPECT_FALSE(riff_end(bytes("OggS0000000000000000")));
  EXPECT_FALSE(riff_end({}));
}

TEST(Sniff, ReadsTheLengthOfWav) {
  auto wav = testing::bytes_of(testing::tones());
  EXPECT_DOUBLE_EQ(wav_duration(wav).value_or(0), 4);
  EXPECT_FALSE(wav_duration(std::span(wav).first(40)));
  wav[43] = std::byte{0xff};
  EXPECT_FALSE(wav_duration(wav)) << "a length that stands for none";
  wav[20] = std::byte{17};
  EXPECT_FALSE(wav_duration(wav)) << "not PCM";
  EXPECT_FALSE(wav_duration({}));
}

TEST(Sniff, SeesAnOggFileThatIsCut) {
  const std::string page = "OggS" + std::string(22, '\0') + "\x02\x05\x03" + "12345678";
  std::string last = page;
  last[5] = '\4';
  EXPECT_FALSE(is_cut_off_ogg(bytes(last)));
  EXPECT_FALSE(is_cut_off_ogg(bytes("before" + page + last)));
  EXPECT_TRUE(is_cut_off_ogg(bytes(page + page)));
  for (std::size_t size = 4; size < last.size(); ++size) {
    EXPECT_TRUE(is_cut_off_ogg(bytes(page + last.substr(0, size)))) << size;
  }
  EXPECT_FALSE(is_cut_off_ogg({}));
}

}  // namespace
}  // namespace steno::decode
