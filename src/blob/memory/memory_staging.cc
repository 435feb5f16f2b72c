#include "blob/memory/memory_staging.h"

#include <map>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "blob/blob.h"
#include "blob/key.h"

namespace steno::blob {
namespace {

struct Upload {
  std::string bytes;
  bool is_open = false;
  bool is_dropped = false;  ///< its writer may go on; the bytes count no more
};

/// The uploads, shared by the staging area and its writers. An upload too is used under the mutex.
struct Contents {
  explicit Contents(std::uint64_t capacity) : free(capacity) {}
  Mutex mutex;
  std::uint64_t free GUARDED_BY(mutex);
  std::map<std::string, std::shared_ptr<Upload>, std::less<>> uploads GUARDED_BY(mutex);
};

class MemoryStagedWriter final : public StagedWriter {
 public:
  MemoryStagedWriter(Contents& contents, std::shared_ptr<Upload> upload)
      : contents_(contents), upload_(std::move(upload)) {}
  MemoryStagedWriter(const MemoryStagedWriter&) = delete;
  MemoryStagedWriter& operator=(const MemoryStagedWriter&) = delete;

  ~MemoryStagedWriter() override {
    const MutexLock lock(contents_.mutex);
    upload_->is_open = false;
  }

  std::uint64_t offset() const override {
    const MutexLock lock(contents_.mutex);
    return upload_->bytes.size();
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    const MutexLock lock(contents_.mutex);
    if (upload_->is_dropped) return {};
    if (bytes.size() > contents_.free) return fail(Errc::no_space, "the staging area is full");
    contents_.free -= bytes.size();
    upload_->bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  Result<void> sync() override { return {}; }

 private:
  Contents& contents_;
  std::shared_ptr<Upload> upload_;
};

class MemoryStaging final : public UploadStaging {
 public:
  explicit MemoryStaging(std::uint64_t capacity) : contents_(capacity) {}

  Result<std::unique_ptr<StagedWriter>> open(std::string_view id, std::uint64_t offset) override {
    if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
    const MutexLock lock(contents_.mutex);
    auto found = contents_.uploads.find(id);
    if (found == contents_.uploads.end()) {
      if (offset > 0) return no_upload();
      found = contents_.uploads.emplace(id, std::make_shared<Upload>()).first;
    }
    Upload& upload = *found->second;
    if (upload.is_open) return fail(Errc::conflict, "the upload is being written to");
    if (offset > upload.bytes.size())
      return fail(Errc::conflict, "the upload is shorter than that");
    contents_.free += upload.bytes.size() - offset;
    upload.bytes.resize(offset);
    upload.is_open = true;
    return std::make_unique<MemoryStagedWriter>(contents_, found->second);
  }

  Result<std::uint64_t> size(std::string_view id) override {
    if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
    const MutexLock lock(contents_.mutex);
    const auto found = contents_.uploads.find(id);
    if (found == contents_.uploads.end()) return no_upload();
    return found->second->bytes.size();
  }

  Result<void> finish(std::string_view id, BlobStore& blobs, std::string_view key) override {
    auto good = check_upload_id(id).and_then([&] { return check_key(key); });
    if (!good) return good;
    const auto upload = take(id);
    if (!upload && upload.error().code == Errc::not_found && blobs.open(key)) return {};
    if (!upload) return tl::unexpected(upload.error());
    // Outside the mutex: the store may be slow.
    auto stored = put_blob(blobs, key, (*upload)->bytes);
    const MutexLock lock(contents_.mutex);
    (*upload)->is_open = false;
    if (stored) erase(id);
    return stored;
  }

  Result<void> drop(std::string_view id) override {
    if (auto good = check_upload_id(id); !good) return good;
    const MutexLock lock(contents_.mutex);
    erase(id);
    return {};
  }

  Result<std::size_t> sweep(const std::function<bool(std::string_view id)>& is_wanted) override {
    std::size_t swept = 0;
    const MutexLock lock(contents_.mutex);
    for (auto entry = contents_.uploads.begin(); entry != contents_.uploads.end();) {
      const auto [id, upload] = *entry++;
      if (upload->is_open || is_wanted(id)) continue;
      erase(id);
      ++swept;
    }
    return swept;
  }

  Result<std::optional<std::uint64_t>> free_bytes() override {
    const MutexLock lock(contents_.mutex);
    return contents_.free;
  }

 private:
  static tl::unexpected<Error> no_upload() { return fail(Errc::not_found, "no such upload"); }

  /// Opens the upload, so that no writer does.
  Result<std::shared_ptr<Upload>> take(std::string_view id) {
    const MutexLock lock(contents_.mutex);
    const auto found = contents_.uploads.find(id);
    if (found == contents_.uploads.end()) return no_upload();
    if (found->second->is_open) return fail(Errc::conflict, "the upload is being written to");
    found->second->is_open = true;
    return found->second;
  }

  void erase(std::string_view id) REQUIRES(contents_.mutex) {
    const auto found = contents_.uploads.find(id);
    if (found == contents_.uploads.end()) return;
    contents_.free += found->second->bytes.size();
    found->second->is_dropped = true;
    contents_.uploads.erase(found);
  }

  Contents contents_;
};

}  // namespace

std::unique_ptr<UploadStaging> make_memory_staging(std::uint64_t capacity) {
  return std::make_unique<MemoryStaging>(capacity);
}

}  // namespace steno::blob
