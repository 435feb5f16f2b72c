#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "pipeline/decode/decode.h"

/// Recordings for the tests of this folder, made on demand.
namespace steno::decode::testing {

/// A folder that is removed with the process.
const std::filesystem::path& folder();

/// Writes 16-bit PCM as a wav file into folder(); `samples` interleave the channels.
std::string write_wav(const std::string& name, std::span<const std::int16_t> samples, int channels,
                      int rate);

/// Four seconds of stereo at 44.1 kHz in full silence but for a tone of 440 Hz on the left from
/// 1 s to 2 s and one of 1000 Hz on the right from 2.5 s to 3.5 s, both of amplitude 0.5.
std::string tones();

/// Runs the ffmpeg program in folder(); the last argument names the file whose path is returned.
std::string ffmpeg(const std::string& arguments, const std::string& output);

std::vector<std::byte> bytes_of(const std::string& path);
std::string write_bytes(const std::string& name, std::span<const std::byte> bytes);

/// Decoders with a sandbox of this process, which the first call starts.
const Decoders& sandboxed();

/// The whole output of a source.
struct Decoded {
  std::vector<std::vector<float>> channels;
  std::vector<std::string> warnings;
  double seconds() const;
};
/// Decodes in this process. What can be read twice is decoded in a child too, and a difference
/// fails the test.
Result<Decoded> decode_all(const Source& source, const DecodeOptions& options = {});

/// Amplitude of a frequency between two times of 16 kHz samples.
double amplitude(const std::vector<float>& samples, double hertz, double from, double to);

}  // namespace steno::decode::testing
