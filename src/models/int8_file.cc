// Writes a model file with int8 weights.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <type_traits>
#include <vector>

#include "base/sampled_digest.h"
#include "models/model_file.h"
#include "models/whole_file.h"

namespace steno::models {
namespace {

constexpr std::string_view kScale = "_scale";
/// The file ends with this and the digest of the original, behind what readers of the format read.
/// Times of files cannot tell whether they belong together: a copy changes them.
constexpr std::string_view kMadeFrom = "steno int8 weights of ";
constexpr std::size_t kDigestSize = 16;

/// Writes the format's numbers, strings and arrays.
class FormatWriter {
 public:
  explicit FormatWriter(WholeFile& file) : file_(file) {}

  template <class T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    file_.write(std::as_bytes(std::span(&value, 1)));
  }

  void text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size() + 1));
    file_.write(std::as_bytes(std::span(value)));
    number(char{0});
  }

  /// Writes everything of an array except its elements.
  void array(std::string_view name, std::span<const std::int64_t> shape, DataType type) {
    text(name);
    number(static_cast<std::uint8_t>(shape.size()));
    std::uint64_t bytes = item_size(type);
    for (const std::int64_t dimension : shape) {
      number(static_cast<std::uint32_t>(dimension));
      bytes *= static_cast<std::uint64_t>(dimension);
    }
    number(static_cast<std::uint8_t>(type));
    number(static_cast<std::uint32_t>(bytes));
  }

  void elements(std::span<const std::byte> bytes) { file_.write(bytes); }

 private:
  WholeFile& file_;
};

bool needs_float(const Tensor& tensor) {
  return !is_quantized_in_int8(tensor) && !tensor.is_scalar() && tensor.name.ends_with("weight") &&
         !tensor.is_float();
}

bool needs_int8(const Tensor& tensor) {
  return is_quantized_in_int8(tensor) && tensor.type != DataType::int8;
}

/// Whether an array is a scale of weights that get new scales or become float.
bool is_left_out(const ModelFile& original, const Tensor& tensor) {
  if (!tensor.name.ends_with(kScale)) return false;
  const auto weight_name =
      std::string_view(tensor.name).substr(0, tensor.name.size() - kScale.size());
  const Tensor* const weight = original.find(weight_name);
  return weight != nullptr && (needs_float(*weight) || needs_int8(*weight));
}

void write_quantized(FormatWriter& writer, const ModelFile& original, const Tensor& tensor) {
  const Rounding rounding = rounding_of(original);
  const std::int64_t rows = tensor.rows();
  const std::int64_t row_size = tensor.row_size();
  std::vector<float> whole;
  if (!tensor.is_float()) whole = dequantised(original, tensor);
  std::vector<float> row(static_cast<std::size_t>(row_size));
  std::vector<std::int8_t> quantized(static_cast<std::size_t>(row_size));
  std::vector<float> scales(static_cast<std::size_t>(rows));

  writer.array(tensor.name, tensor.shape, DataType::int8);
  for (std::int64_t i = 0; i < rows; ++i) {
    if (whole.empty()) {
      to_float(tensor, i * row_size, row_size, row.data());
    } else {
      std::copy_n(whole.data() + i * row_size, row_size, row.data());
    }
    scales[i] = quantize_row(row.data(), row_size, rounding, quantized.data());
    writer.elements(std::as_bytes(std::span(quantized)));
  }
  writer.array(tensor.name + std::string(kScale), std::vector<std::int64_t>{rows},
               DataType::float32);
  writer.elements(std::as_bytes(std::span(scales)));
}

void write_float(FormatWriter& writer, const ModelFile& original, const Tensor& tensor) {
  writer.array(tensor.name, tensor.shape, DataType::float32);
  const std::vector<float> values = dequantised(original, tensor);
  writer.elements(std::as_bytes(std::span(values)));
}

void write_tensor(FormatWriter& writer, const ModelFile& original, const Tensor& tensor) {
  if (needs_int8(tensor)) {
    write_quantized(writer, original, tensor);
  } else if (needs_float(tensor) || (tensor.is_float() && !tensor.is_scalar())) {
    write_float(writer, original, tensor);
  } else {
    writer.array(tensor.name, tensor.shape, tensor.type);
    writer.elements(tensor.bytes);
  }
}

/// The digest of the file that an int8 file was made from. Empty in files of older programs.
std::string made_from(const std::string& int8) {
  std::string end(kMadeFrom.size() + kDigestSize, '\0');
  std::ifstream file(int8, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  file.read(end.data(), static_cast<std::streamsize>(end.size()));
  return file && end.starts_with(kMadeFrom) ? end.substr(kMadeFrom.size()) : "";
}

}  // namespace

Result<void> write_int8(const ModelFile& original, const std::string& path,
                        const std::stop_token& stop) {
  std::uint32_t count = 0;
  for (const Tensor& tensor : original.tensors()) {
    if (!is_left_out(original, tensor)) count += needs_int8(tensor) ? 2 : 1;
    const Tensor* const scale = original.find(tensor.name + std::string(kScale));
    const bool is_quantized = tensor.name.ends_with("weight") && !tensor.is_float();
    const bool fits = scale != nullptr && (scale->size() == 1 || scale->size() == tensor.rows());
    if (is_quantized && tensor.type == DataType::int32) {
      return fail(Errc::bad_model, original.path() + ": the array " + tensor.name +
                                       " is of a type that weights never have");
    }
    if (is_quantized && !fits && (scale != nullptr || tensor.type != DataType::int16)) {
      return fail(Errc::bad_model, original.path() + ": the quantised array " + tensor.name +
                                       " has no scales, or too few of them");
    }
  }
  auto file = WholeFile::create(path);
  if (!file) return tl::unexpected(file.error());

  FormatWriter writer(*file);
  // Version 4 is the first with the types used here. Version 5 changed the rounding of activations,
  // so an older file must not get a newer version.
  writer.number(static_cast<std::uint32_t>(std::max(original.version(), 4)));
  writer.text(original.spec());
  writer.number(static_cast<std::uint32_t>(original.spec_revision()));
  writer.number(count);
  for (const Tensor& tensor : original.tensors()) {
    if (stop.stop_requested()) return fail(Errc::cancelled, path + ": interrupted");
    if (!is_left_out(original, tensor)) write_tensor(writer, original, tensor);
  }
  writer.number(static_cast<std::uint32_t>(original.aliases().size()));
  for (const auto& [alias, name] : original.aliases()) {
    writer.text(alias);
    writer.text(name);
  }
  const std::string made_from = std::string(kMadeFrom) + sampled_digest_of_file(original.path());
  writer.elements(std::as_bytes(std::span(made_from)));
  return file->commit();
}

bool has_int8_weights(const ModelFile& file) {
  return std::none_of(file.tensors().begin(), file.tensors().end(), needs_int8);
}

bool names_its_original(const std::string& int8_path) { return !made_from(int8_path).empty(); }

std::string int8_weights_path(const std::string& folder) {
  std::string original = folder + "/" + kWeightsFile;
  std::string int8 = folder + "/" + kInt8WeightsFile;
  std::error_code none;
  const auto written = std::filesystem::last_write_time(int8, none);
  if (none) return original;
  const auto replaced = std::filesystem::last_write_time(original, none);
  if (none) return int8;
  const std::string source = made_from(int8);
  const bool is_old =
      source.empty() ? replaced > written : source != sampled_digest_of_file(original);
  return is_old ? original : int8;
}

}  // namespace steno::models
