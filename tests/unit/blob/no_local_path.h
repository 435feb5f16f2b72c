#pragma once

#include <memory>
#include <utility>

#include "blob/blob.h"

namespace steno::blob {

/// Another store seen as one on another machine: it has no local files, takes none and knows no
/// free space.
class NoLocalPath : public BlobStore {
 public:
  explicit NoLocalPath(std::shared_ptr<BlobStore> store) : store_(std::move(store)) {}

  Result<std::unique_ptr<BlobWriter>> create(std::string_view key) override {
    return store_->create(key);
  }
  Result<std::unique_ptr<BlobReader>> open(std::string_view key) override {
    return store_->open(key);
  }
  std::optional<std::filesystem::path> local_path(std::string_view) override {
    return std::nullopt;
  }
  Result<void> copy(std::string_view from, std::string_view to) override {
    return store_->copy(from, to);
  }
  Result<void> remove(std::string_view key) override { return store_->remove(key); }
  Result<void> list(std::string_view prefix,
                    const std::function<void(const BlobInfo&)>& visit) override {
    return store_->list(prefix, visit);
  }
  Result<std::optional<std::uint64_t>> free_bytes() override { return std::nullopt; }
  Result<std::size_t> sweep_unfinished(std::chrono::seconds older_than) override {
    return store_->sweep_unfinished(older_than);
  }

 private:
  std::shared_ptr<BlobStore> store_;
};

}  // namespace steno::blob
