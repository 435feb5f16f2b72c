#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "blob/blob.h"

namespace steno {

/// Another store, on a disk that is full while `is_full` is set.
class FullDisk : public blob::BlobStore {
 public:
  explicit FullDisk(std::unique_ptr<blob::BlobStore> store) : store_(std::move(store)) {}

  std::atomic<bool> is_full = false;
  std::atomic<int> refused = 0;

  Result<std::unique_ptr<blob::BlobWriter>> create(std::string_view key) override {
    if (!is_full) return store_->create(key);
    ++refused;
    return fail(Errc::no_space, "the disk is full");
  }
  Result<std::unique_ptr<blob::BlobReader>> open(std::string_view key) override {
    return store_->open(key);
  }
  std::optional<std::filesystem::path> local_path(std::string_view key) override {
    return store_->local_path(key);
  }
  Result<void> copy(std::string_view from, std::string_view to) override {
    return store_->copy(from, to);
  }
  Result<void> remove(std::string_view key) override { return store_->remove(key); }
  Result<void> list(std::string_view prefix,
                    const std::function<void(const blob::BlobInfo&)>& visit) override {
    return store_->list(prefix, visit);
  }
  Result<bool> take_file(const std::filesystem::path& from, std::string_view key) override {
    return store_->take_file(from, key);
  }
  Result<std::optional<std::uint64_t>> free_bytes() override { return store_->free_bytes(); }
  Result<std::size_t> sweep_unfinished(std::chrono::seconds older_than) override {
    return store_->sweep_unfinished(older_than);
  }

 private:
  std::unique_ptr<blob::BlobStore> store_;
};

}  // namespace steno
