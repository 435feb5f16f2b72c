#pragma once

#include "blob/blob.h"
#include "blob/file/disk.h"

namespace steno::blob {

/// Partial uploads as files, each locked by its writer.
class PartialFiles final : public PartialUploads {
 public:
  explicit PartialFiles(Layout layout) : layout_(std::move(layout)) {}

  Result<std::unique_ptr<PartialWriter>> open(std::string_view id, std::uint64_t offset) override;
  Result<std::uint64_t> size(std::string_view id) override;
  Result<void> finish(std::string_view id, std::string_view key) override;
  Result<void> drop(std::string_view id) override;
  Result<std::size_t> sweep(std::chrono::seconds idle) override;

 private:
  Layout layout_;
};

}  // namespace steno::blob
