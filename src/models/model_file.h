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

inline constexpr const char* kWeightsFile = "model.bin";           ///< as its author made it
inline constexpr const char* kInt8WeightsFile = "model.int8.bin";  ///< beside it, for CPU use

/// Element types of `model.bin`, in CTranslate2's order (`ctranslate2::DataType`).
enum class DataType : std::uint8_t { float32, int8, int16, int32, float16, bfloat16 };

/// Bytes of one element.
std::size_t item_size(DataType type);

/// One named array of a model file; no copy of the file's bytes.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;  ///< empty for a scalar
  DataType type = DataType::float32;
  /// The elements, row-major, little-endian. The format does not align them: read single elements
  /// with memcpy, or rows with the functions below.
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
/// read-only, so replicas and processes share its pages; it must not be cut while it is open.
/// Immutable, thread-safe.
class ModelFile {
 public:
  /// Fails with `bad_model` (cut, damaged, not a model), `not_found` or `io`; the message names the
  /// file and the cause. Every length is checked against the file's size.
  static Result<std::shared_ptr<const ModelFile>> open(const std::string& path);

  /// The same over bytes in memory, which `name` stands for in messages and which must outlive the
  /// result.
  static Result<std::shared_ptr<const ModelFile>> parse(std::span<const std::byte> bytes,
                                                        const std::string& name);

  int version() const { return version_; }              ///< of the binary format
  const std::string& spec() const { return spec_; }     ///< "WhisperSpec" for Whisper models
  int spec_revision() const { return spec_revision_; }  ///< of the spec
  const std::string& path() const { return path_; }
  std::uint64_t file_size() const { return file_size_; }  ///< bytes

  /// The array of that name or of the one it is an alias of (an alias also stands for the
  /// `_scale` of its array); null if there is none. Valid as long as this object.
  const Tensor* find(std::string_view name) const;

  /// All arrays in the file's order, aliases not among them.
  std::span<const Tensor> tensors() const { return tensors_; }

  /// Alias to name.
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

/// Converts `count` elements from element `first` on to float32. Integers become their value
/// (scales are not applied).
void to_float(const Tensor& tensor, std::int64_t first, std::int64_t count, float* out);

/// The whole array as float32.
std::vector<float> to_float(const Tensor& tensor);

/// Old int16 models have no scales in the file but this one for all of their weights.
inline constexpr float kOldInt16Scale = 1000;

/// The whole array as float32 with the scales of a quantised weight of `file` taken out again.
std::vector<float> dequantised(const ModelFile& file, const Tensor& tensor);

/// How a scaled value becomes an integer: binary versions 5 and later round to the nearest, older
/// ones cut.
enum class Rounding { nearest, toward_zero };

/// The rounding that CTranslate2 applies to the weights of this file.
Rounding rounding_of(const ModelFile& file);

/// Quantises one row of a linear weight as CTranslate2 does: `out[i] = row[i] * scale` with
/// `scale` = 127 / max|row|, or 1 for a row of zeros. Returns the scale.
float quantize_row(const float* row, std::int64_t count, Rounding rounding, std::int8_t* out);

/// Whether CTranslate2 quantises this array in an int8 Whisper model: the matrices of linear
/// layers and the token embeddings. Convolutions stay float.
bool is_quantized_in_int8(const Tensor& tensor);

/// Writes `original` as an int8 model for CPU use: weights as int8 rows with float32 `_scale`
/// arrays, everything else float32. CTranslate2 loads it with compute type int8 to the very
/// weights it makes from `original`, without the work. The file appears whole or not at all; with
/// `stop` requested it does not, and the error is `cancelled`.
Result<void> write_int8(const ModelFile& original, const std::string& path,
                        const std::stop_token& stop = {});

/// Whether write_int8 would leave the weights as they are.
bool has_int8_weights(const ModelFile& file);

/// The file of a model folder to load where int8 weights are asked for: `model.int8.bin`, or
/// `model.bin` where there is none or it is older than `model.bin`, which has been replaced then.
std::string int8_weights_path(const std::string& folder);

}  // namespace steno::models
