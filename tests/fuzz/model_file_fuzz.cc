// Any bytes as a model file must give an error or arrays within the bytes. Must not crash.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "models/model_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto file = steno::models::ModelFile::parse(bytes, "fuzz");
  if (!file) return file.error().message.empty() ? std::abort(), 0 : 0;
  for (const auto& tensor : (*file)->tensors()) {
    const auto values = steno::models::to_float(tensor);
    if (values.size() != static_cast<std::size_t>(tensor.size())) std::abort();
    if ((*file)->find(tensor.name) == nullptr) std::abort();
  }
  for (const auto& [alias, name] : (*file)->aliases()) {
    if ((*file)->find(alias) == nullptr) std::abort();
  }
  return 0;
}
