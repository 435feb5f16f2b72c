#pragma once

#include <ctranslate2/storage_view.h>

#include <memory>
#include <span>
#include <vector>

#include "pipeline/asr/engine.h"

namespace steno::asr {

/// One row of an encoder output [windows x positions x depth] that several windows share.
class EncodedRow : public Encoded {
 public:
  EncodedRow(std::shared_ptr<const ctranslate2::StorageView> batch, int row)
      : batch_(std::move(batch)), row_(row) {}
  const std::shared_ptr<const ctranslate2::StorageView>& batch() const { return batch_; }
  int row() const { return row_; }
  int positions() const { return static_cast<int>(batch_->dim(1)); }

 private:
  std::shared_ptr<const ctranslate2::StorageView> batch_;
  int row_;
};

/// The row behind a window; throws std::invalid_argument when another engine made it.
const EncodedRow& row_of(const EncodedPtr& window);

/// The features of `windows[i]` for each i of `members` (all of one length) as one array
/// [members x mels x frames], padded by zeros so that CTranslate2 cannot take it for an encoder
/// output.
ctranslate2::StorageView stack_features(std::span<const Features> windows,
                                        std::span<const int> members);

/// The rows of `members` (all with the same positions) as one array, without a copy where they are
/// one whole batch in its order.
std::shared_ptr<const ctranslate2::StorageView> stack_rows(std::span<const EncodedPtr> windows,
                                                           std::span<const int> members);

}  // namespace steno::asr
