#include "unit/pipeline/decode/recordings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "pipeline/decode/local_decoder.h"
#include "sandbox/sandbox.h"

namespace steno::decode::testing {
namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    auto name = (std::filesystem::temp_directory_path() / "steno-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

void append(std::string& out, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

const std::filesystem::path& folder() {
  static const Folder folder;
  return folder.path;
}

std::string write_wav(const std::string& name, std::span<const std::int16_t> samples, int channels,
                      int rate) {
  const auto bytes = static_cast<std::uint32_t>(samples.size_bytes());
  std::string out = "RIFF";
  append(out, 36 + bytes, 4);
  out += "WAVEfmt ";
  append(out, 16, 4);
  append(out, 1, 2);
  append(out, static_cast<std::uint32_t>(channels), 2);
  append(out, static_cast<std::uint32_t>(rate), 4);
  append(out, static_cast<std::uint32_t>(rate * channels * 2), 4);
  append(out, static_cast<std::uint32_t>(channels * 2), 2);
  append(out, 16, 2);
  out += "data";
  append(out, bytes, 4);
  out.append(reinterpret_cast<const char*>(samples.data()), samples.size_bytes());
  return write_bytes(name, std::as_bytes(std::span(out)));
}

std::string tones() {
  const auto path = (folder() / "tones.wav").string();
  if (std::filesystem::exists(path)) return path;
  constexpr int kRate = 44100;
  std::vector<std::int16_t> samples(4 * kRate * 2);
  for (int i = 0; i < 4 * kRate; ++i) {
    const double time = static_cast<double>(i) / kRate;
    const auto tone = [&](double hertz) {
      return static_cast<std::int16_t>(16384 * std::sin(2 * std::numbers::pi * hertz * time));
    };
    if (time >= 1 && time < 2) samples[2 * i] = tone(440);
    if (time >= 2.5 && time < 3.5) samples[2 * i + 1] = tone(1000);
  }
  return write_wav("tones.wav", samples, 2, kRate);
}

std::string ffmpeg(const std::string& arguments, const std::string& output) {
  const auto command = "cd '" + folder().string() + "' && ffmpeg -nostdin -v error -y " +
                       arguments + " '" + output + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  return (folder() / output).string();
}

std::vector<std::byte> bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::byte> bytes(chars.size());
  if (!chars.empty()) std::memcpy(bytes.data(), chars.data(), chars.size());
  return bytes;
}

std::string write_bytes(const std::string& name, std::span<const std::byte> bytes) {
  const auto path = (folder() / name).string();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return path;
}

double Decoded::seconds() const {
  return channels.empty() ? 0 : static_cast<double>(channels.front().size()) / kSampleRate;
}

const Decoders& sandboxed() {
  static const sandbox::Sandbox sandbox(decode_in_child,
                                        {.prepare = prepare_decoding, .keeps_spare = true});
  static const Decoders decoders(sandbox);
  return decoders;
}

namespace {

Result<Decoded> read_all(Result<std::unique_ptr<Decoder>> decoder) {
  if (!decoder) return tl::unexpected(decoder.error());
  Decoded result;
  result.channels.resize(static_cast<std::size_t>((*decoder)->channels()));
  std::vector<std::vector<float>> block;
  while (true) {
    const auto more = (*decoder)->read(block);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    EXPECT_EQ(block.size(), result.channels.size());
    EXPECT_LE(block.front().size(), static_cast<std::size_t>(kSampleRate / 2));
    for (std::size_t i = 0; i < block.size(); ++i) {
      EXPECT_EQ(block[i].size(), block.front().size());
      result.channels[i].insert(result.channels[i].end(), block[i].begin(), block[i].end());
    }
  }
  EXPECT_TRUE(block.empty());
  result.warnings = (*decoder)->warnings();
  return result;
}

bool can_be_read_twice(const Source& source) {
  return source.kind == Source::Kind::memory ||
         (source.kind == Source::Kind::file && std::filesystem::is_regular_file(source.path));
}

}  // namespace

Result<Decoded> decode_all(const Source& source, const DecodeOptions& options) {
  auto here = read_all(open_local(source, options));
  if (!can_be_read_twice(source)) return here;
  const auto there = read_all(sandboxed().open(source, options));
  EXPECT_EQ(there.has_value(), here.has_value()) << source.name;
  if (there && here) {
    EXPECT_TRUE(there->channels == here->channels) << source.name << ": other samples in a child";
    EXPECT_EQ(there->warnings, here->warnings);
  } else if (!there && !here) {
    EXPECT_EQ(there.error().code, here.error().code);
    EXPECT_EQ(there.error().message, here.error().message);
  }
  return here;
}

double amplitude(const std::vector<float>& samples, double hertz, double from, double to) {
  const auto first = static_cast<std::size_t>(from * kSampleRate);
  const auto last = std::min(samples.size(), static_cast<std::size_t>(to * kSampleRate));
  std::complex<double> sum = 0;
  for (auto i = first; i < last; ++i) {
    const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(i) / kSampleRate;
    sum += static_cast<double>(samples[i]) * std::polar(1.0, -angle);
  }
  return last > first ? 2 * std::abs(sum) / static_cast<double>(last - first) : 0;
}

}  // namespace steno::decode::testing
