#include "blob/memory/memory_store.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "blob/key.h"

namespace steno::blob {
namespace {

using Clock = std::chrono::system_clock;
/// Bytes that are left. Taken under the store's mutex, given back from anywhere.
using Room = std::atomic<std::uint64_t>;

/// Bytes that count against a capacity as long as they live.
class Content {
 public:
  explicit Content(std::shared_ptr<Room> room) : room_(std::move(room)) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content() { *room_ += bytes_.size(); }

  const std::string& bytes() const { return bytes_; }

  Result<void> append(std::span<const std::byte> bytes) {
    if (bytes.size() > *room_) return fail(Errc::no_space, "the store in memory is full");
    *room_ -= bytes.size();
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    touched_ = Clock::now();
    return {};
  }

  Clock::time_point touched() const { return touched_; }

 private:
  std::shared_ptr<Room> room_;
  std::string bytes_;
  Clock::time_point touched_ = Clock::now();
};

/// The part that a store and its writers share. Everything is used under the mutex, except the
/// content of a blob, which no longer changes.
struct StoredBlobs {
  explicit StoredBlobs(std::uint64_t capacity) : room(std::make_shared<Room>(capacity)) {}
  Mutex mutex;
  std::shared_ptr<Room> room;
  std::map<std::string, std::shared_ptr<const Content>, std::less<>> blobs GUARDED_BY(mutex);
};

class MemoryWriter final : public BlobWriter {
 public:
  MemoryWriter(StoredBlobs& contents, std::string_view key)
      : contents_(contents), key_(key), content_(std::make_shared<Content>(contents.room)) {}

  Result<void> write(std::span<const std::byte> bytes) override {
    const MutexLock lock(contents_.mutex);
    if (written_) written_ = content_->append(bytes);
    return written_;
  }

  Result<void> commit() override {
    const MutexLock lock(contents_.mutex);
    if (written_) contents_.blobs[key_] = std::move(content_);
    return written_;
  }

 private:
  StoredBlobs& contents_;
  std::string key_;
  std::shared_ptr<Content> content_;
  Result<void> written_;
};

class MemoryReader final : public BlobReader {
 public:
  explicit MemoryReader(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  std::uint64_t size() const override { return content_->bytes().size(); }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    if (offset >= size()) return 0;
    const std::size_t count = std::min<std::size_t>(into.size(), size() - offset);
    std::memcpy(into.data(), content_->bytes().data() + offset, count);
    return count;
  }

 private:
  std::shared_ptr<const Content> content_;
};

class MemoryStore final : public BlobStore {
 public:
  explicit MemoryStore(std::uint64_t capacity) : contents_(capacity) {}

  Result<std::unique_ptr<BlobWriter>> create(std::string_view key) override {
    if (auto good = check_key(key); !good) return tl::unexpected(good.error());
    return std::make_unique<MemoryWriter>(contents_, key);
  }

  Result<std::unique_ptr<BlobReader>> open(std::string_view key) override {
    if (auto good = check_key(key); !good) return tl::unexpected(good.error());
    const MutexLock lock(contents_.mutex);
    auto content = find(key);
    if (!content) return tl::unexpected(content.error());
    return std::make_unique<MemoryReader>(*std::move(content));
  }

  std::optional<std::filesystem::path> local_path(std::string_view) override {
    return std::nullopt;
  }

  Result<void> copy(std::string_view from, std::string_view to) override {
    auto good = check_key(from).and_then([&] { return check_key(to); });
    if (!good) return good;
    const MutexLock lock(contents_.mutex);
    const auto original = find(from);
    if (!original) return tl::unexpected(original.error());
    if (contents_.blobs.contains(to)) {
      return fail(Errc::conflict, std::string(to) + ": exists already");
    }
    auto content = std::make_shared<Content>(contents_.room);
    auto copied = content->append(std::as_bytes(std::span((*original)->bytes())));
    if (copied) contents_.blobs.emplace(to, std::move(content));
    return copied;
  }

  Result<void> remove(std::string_view key) override {
    if (auto good = check_key(key); !good) return good;
    const MutexLock lock(contents_.mutex);
    if (const auto found = contents_.blobs.find(key); found != contents_.blobs.end()) {
      contents_.blobs.erase(found);
    }
    return {};
  }

  Result<void> list(std::string_view prefix,
                    const std::function<void(const BlobInfo&)>& visit) override {
    for (const BlobInfo& info : listed(prefix)) visit(info);  // which may call the store
    return {};
  }

  Result<std::optional<std::uint64_t>> free_bytes() override { return contents_.room->load(); }

  Result<std::size_t> sweep_unfinished(std::chrono::seconds) override { return 0; }

 private:
  Result<std::shared_ptr<const Content>> find(std::string_view key) const
      REQUIRES(contents_.mutex) {
    const auto found = contents_.blobs.find(key);
    if (found != contents_.blobs.end()) return found->second;
    return fail(Errc::not_found, std::string(key) + ": no such blob");
  }

  std::vector<BlobInfo> listed(std::string_view prefix) {
    const MutexLock lock(contents_.mutex);
    std::vector<BlobInfo> infos;
    for (const auto& [key, content] : contents_.blobs) {
      if (!key.starts_with(prefix)) continue;
      infos.push_back({key, content->bytes().size(), content->touched()});
    }
    return infos;
  }

  StoredBlobs contents_;
};

}  // namespace

std::unique_ptr<BlobStore> make_memory_store(std::uint64_t capacity) {
  return std::make_unique<MemoryStore>(capacity);
}

}  // namespace steno::blob
