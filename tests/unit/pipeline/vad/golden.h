#pragma once

#include <cmath>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "pipeline/vad/vad.h"
#include "test_paths.h"

namespace steno::vad {

/// The output of tests/golden/vad/make.py.
inline const nlohmann::json& golden() {
  static const nlohmann::json value =
      nlohmann::json::parse(std::ifstream(STENO_GOLDEN "/vad/golden.json"));
  return value;
}

inline VadOptions options_of(const nlohmann::json& json) {
  VadOptions options;
  options.threshold = json.value("threshold", options.threshold);
  if (json.contains("neg_threshold")) options.neg_threshold = json["neg_threshold"];
  options.min_speech_duration_ms = json.value("min_speech_duration_ms", 0);
  if (json.contains("max_speech_duration_s")) {
    options.max_speech_duration_s = json["max_speech_duration_s"];
  }
  if (json.contains("min_silence_duration_ms")) {
    options.min_silence_duration_ms = json["min_silence_duration_ms"];
  }
  options.speech_pad_ms = json.value("speech_pad_ms", options.speech_pad_ms);
  return options;
}

inline std::vector<Span> spans_of(const nlohmann::json& json) {
  std::vector<Span> spans;
  for (const auto& span : json) spans.push_back({span[0], span[1]});
  return spans;
}

/// The samples of a 16-bit mono wav with a plain 44-byte header, in [-1, 1].
inline std::vector<float> read_wav(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(44);
  std::vector<float> samples;
  for (int16_t value; in.read(reinterpret_cast<char*>(&value), 2);) {
    samples.push_back(value / 32768.0f);
  }
  return samples;
}

/// A sentence of 4.5 s.
inline std::vector<float> speech() { return read_wav(STENO_GOLDEN "/vad/speech.wav"); }

/// The golden file's recording: the sentence at several levels, with silence between.
inline std::vector<float> recording() {
  std::vector<float> samples;
  const std::vector<float> clip = speech();
  for (const auto& part : golden()["recording"]["parts"]) {
    if (part[0].is_string()) {
      samples.insert(samples.end(), part[1].get<int>() * 16, 0.0f);
    } else {
      const float gain = static_cast<float>(part[0].get<int>() / 100.0);
      for (const float sample : clip) samples.push_back(sample * gain);
    }
  }
  return samples;
}

inline std::shared_ptr<const Vad> silero() {
  static const auto vad = Vad::load(STENO_MODELS "/silero_vad_v6.onnx").value();
  return vad;
}

inline void PrintTo(const Span& span, std::ostream* out) { *out << span.start << ".." << span.end; }

}  // namespace steno::vad
