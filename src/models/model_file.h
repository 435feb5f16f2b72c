#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace steno::models {

inline constexpr const char* kWeightsFile = "model.bin";           ///< the original weights
inline constexpr const char* kInt8WeightsFile = "model.int8.bin";  ///< next to it, for CPUs

/// Element types of `model.bin`, in CTranslate2's order (`ctranslate2::DataType`).
enum class DataType : std::uint8_t { float32, int8, int16, int32, float16, bfloat16 };

/// Bytes of one element.
std::size_t item_size(DataType type);

/// One named array of a model file. Refers to the file's bytes without a copy.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;  ///< empty for a scalar
  DataType type = DataType::float32;
  /// The elements: row-major, little-endian and not aligned. Read single elements with memcpy, or
  /// rows with the functions below.
  std::span<const std::byte> bytes;

  std::int64_t size() const;  ///< number of elements
  std::int64_t rows() const;  ///< size of the first dimension, 1 for a scalar
  std::int64_t row_size() const { return size() / rows(); }
  bool is_scalar() const { return shape.empty(); }
  bool is_float() const {
    return type == DataType::float32 || type == DataType::float16 || type == DataType::bfloat16;
  }
};

/// CTranslate2's `model.bin` (binary versions 1 to 6): a list of named arrays. The file is mapped
/// read-only, so replicas and processes share its pages. It must not be truncated while it is open.
/// Immutable, thread-safe.
class ModelFile {
 public:
  /// Opens a file. Fails with `bad_model` (truncated, damaged, not a model), `not_found` or `io`.
  /// The message names the file and the cause. Every length is checked against the file's size.
  static Result<std::shared_ptr<const ModelFile>> open(const std::string& path);

  /// As open(), for bytes in memory, which must outlive the result. `name` replaces the path in
  /// messages.
  static Result<std::shared_ptr<const ModelFile>> parse(std::span<const std::byte> bytes,
                                                        const std::string& name);

  int version() const { return version_; }              ///< of the binary format
  const std::string& spec() const { return spec_; }     ///< "WhisperSpec" for Whisper models
  int spec_revision() const { return spec_revision_; }  ///< of the spec
  const std::string& path() const { return path_; }
  std::uint64_t file_size() const { return file_size_; }  ///< bytes

  /// The array with that name or alias. An alias also covers the `_scale` of its array. Null if
  /// there is none. Valid as long as this object.
  const Tensor* find(std::string_view name) const;

  /// All arrays in the file's order, without aliases.
  std::span<const Tensor> tensors() const { return tensors_; }

  /// Maps aliases to names.
  const std::map<std::string, std::string, std::less<>>& aliases() const { return aliases_; }

 private:
  friend class ModelFileParser;
  ModelFile() = default;

  std::shared_ptr<const void> mapping_;
  std::string path_;
  std::uint64_t file_size_ = 0;
  int version_ = 0;
  std::string spec_;
  int spec_revision_ = 1;
  std::vector<Tensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::map<std::string, std::string, std::less<>> aliases_;
};

/// Converts `count` elements, starting at element `first`, to float32. Integers are converted
/// without applying scales.
void to_float(const Tensor& tensor, std::int64_t first, std::int64_t count, float* out);

/// Converts the whole array to float32.
std::vector<float> to_float(const Tensor& tensor);

/// The scale of all weights in old int16 models, which is not in the file.
inline constexpr float kOldInt16Scale = 1000;

/// Converts the whole array to float32 and applies the inverse of the scales of a quantised weight.
std::vector<float> dequantised(const ModelFile& file, const Tensor& tensor);

/// How a scaled value is rounded to an integer: to the nearest in binary versions 5 and later,
/// toward zero in older ones.
enum class Rounding { nearest, toward_zero };

/// The rounding that CTranslate2 uses for the weights of this file.
Rounding rounding_of(const ModelFile& file);

/// Quantises one row of a linear weight as CTranslate2 does: `out[i] = row[i] * scale` with `scale`
/// = 127 / max|row|, or 1 for a row of zeros. Returns the scale.
float quantize_row(const float* row, std::int64_t count, Rounding rounding, std::int8_t* out);

/// Whether CTranslate2 quantises this array in an int8 Whisper model. It quantises the matrices of
/// linear layers and the token embeddings; convolutions stay float.
bool is_quantized_in_int8(const Tensor& tensor);

/// Writes `original` as an int8 model for CPUs: weights as int8 rows with float32 `_scale` arrays,
/// everything else as float32. CTranslate2 with compute type int8 loads it to exactly the weights
/// that it would compute from `original`. The file is written completely or not at all. If `stop`
/// is requested, it is not written, and the error is `cancelled`.
Result<void> write_int8(const ModelFile& original, const std::string& path,
                        const std::stop_token& stop = {});

/// Whether write_int8 would not change the weights.
bool has_int8_weights(const ModelFile& file);

/// Whether an int8 file says which file it was made from. Those of older programs do not.
bool names_its_original(const std::string& int8_path);

/// The file of a model folder to load for int8 weights: `model.int8.bin`. If that does not exist,
/// or was made from another `model.bin`, then `model.bin`. A copy of the folder gives the same.
std::string int8_weights_path(const std::string& folder);

}  // namespace steno::models
