#include "pipeline/asr/ctranslate2/storage.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace steno::asr {
namespace {

bool is_whole_batch(std::span<const EncodedPtr> windows, std::span<const int> members) {
  const auto& batch = row_of(windows[members[0]]).batch();
  if (batch->dim(0) != static_cast<ctranslate2::dim_t>(members.size())) return false;
  for (size_t i = 0; i < members.size(); ++i) {
    const EncodedRow& row = row_of(windows[members[i]]);
    if (row.batch() != batch || row.row() != static_cast<int>(i)) return false;
  }
  return true;
}

}  // namespace

const EncodedRow& row_of(const EncodedPtr& window) {
  const auto* row = dynamic_cast<const EncodedRow*>(window.get());
  if (!row) throw std::invalid_argument("this window was encoded by another engine");
  return *row;
}

ctranslate2::StorageView stack_features(std::span<const Features> windows,
                                        std::span<const int> members) {
  const Features& first = windows[members[0]];
  // CTranslate2 distinguishes features from encoder output only by the shape.
  const bool ambiguous = (first.frames + 1) / 2 == first.mels;
  const int frames = first.frames + (ambiguous ? 2 : 0);
  const auto count = static_cast<ctranslate2::dim_t>(members.size());
  ctranslate2::StorageView stacked({count, first.mels, frames}, 0.0f);
  float* out = stacked.data<float>();
  for (const int member : members) {
    const Features& window = windows[member];
    for (int mel = 0; mel < window.mels; ++mel, out += frames) {
      std::copy_n(window.values.data() + static_cast<size_t>(mel) * window.frames, window.frames,
                  out);
    }
  }
  return stacked;
}

std::shared_ptr<const ctranslate2::StorageView> stack_rows(std::span<const EncodedPtr> windows,
                                                           std::span<const int> members) {
  const auto& first = row_of(windows[members[0]]).batch();
  if (is_whole_batch(windows, members)) return first;
  const auto count = static_cast<ctranslate2::dim_t>(members.size());
  auto stacked = std::make_shared<ctranslate2::StorageView>(
      ctranslate2::Shape{count, first->dim(1), first->dim(2)}, first->dtype(),
      ctranslate2::Device::CPU);
  const size_t row_bytes = static_cast<size_t>(first->dim(1) * first->dim(2)) * first->item_size();
  auto* out = static_cast<std::byte*>(stacked->buffer());
  std::shared_ptr<const ctranslate2::StorageView> copied;  // the batch that `host` was copied from
  ctranslate2::StorageView host;
  for (const int member : members) {
    const EncodedRow& row = row_of(windows[member]);
    const bool on_host = row.batch()->device() == ctranslate2::Device::CPU;
    if (!on_host && copied != row.batch()) {
      host = row.batch()->to(ctranslate2::Device::CPU);
      copied = row.batch();
    }
    const auto* source = static_cast<const std::byte*>((on_host ? *row.batch() : host).buffer());
    out = std::copy_n(source + row.row() * row_bytes, row_bytes, out);
  }
  return stacked;
}

}  // namespace steno::asr
