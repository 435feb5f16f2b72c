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

/// The row of a window. Throws std::invalid_argument if another engine made it.
const EncodedRow& row_of(const EncodedPtr& window);

/// Stacks the features of `windows[i]` for each i of `members` (all of one length) into one array
/// [members x mels x frames]. Adds zeros as padding so that CTranslate2 does not mistake the array
/// for an encoder output.
ctranslate2::StorageView stack_features(std::span<const Features> windows,
                                        std::span<const int> members);

/// Stacks the rows of `members` (all with the same number of positions) into one array. Makes no
/// copy if they are one whole batch in its order.
std::shared_ptr<const ctranslate2::StorageView> stack_rows(std::span<const EncodedPtr> windows,
                                                           std::span<const int> members);

}  // namespace steno::asr
