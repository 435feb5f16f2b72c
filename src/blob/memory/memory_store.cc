#include "blob/memory/memory_store.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

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

  void shorten(std::size_t size) {
    *room_ += bytes_.size() - size;
    bytes_.resize(size);
    touched_ = Clock::now();
  }

  Clock::time_point touched() const { return touched_; }

 private:
  std::shared_ptr<Room> room_;
  std::string bytes_;
  Clock::time_point touched_ = Clock::now();
};

struct Upload {
  explicit Upload(const std::shared_ptr<Room>& room) : content(std::make_shared<Content>(room)) {}
  std::shared_ptr<Content> content;
  bool is_open = false;
};

/// What a store and its writers share. Everything is used under the mutex but a blob's content,
/// which no longer changes.
struct Contents {
  explicit Contents(std::uint64_t capacity) : room(std::make_shared<Room>(capacity)) {}
  std::mutex mutex;
  std::shared_ptr<Room> room;
  std::map<std::string, std::shared_ptr<const Content>, std::less<>> blobs;
  std::map<std::string, std::shared_ptr<Upload>, std::less<>> uploads;
};

class MemoryWriter final : public BlobWriter {
 public:
  MemoryWriter(Contents& contents, std::string_view key)
      : contents_(contents), key_(key), content_(std::make_shared<Content>(contents.room)) {}

  Result<void> write(std::span<const std::byte> bytes) override {
    const std::lock_guard lock(contents_.mutex);
    if (written_) written_ = content_->append(bytes);
    return written_;
  }

  Result<void> commit() override {
    const std::lock_guard lock(contents_.mutex);
    if (written_) contents_.blobs[key_] = std::move(content_);
    return written_;
  }

 private:
  Contents& contents_;
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

class MemoryPartialWriter final : public PartialWriter {
 public:
  MemoryPartialWriter(Contents& contents, std::shared_ptr<Upload> upload)
      : contents_(contents), upload_(std::move(upload)) {}
  MemoryPartialWriter(const MemoryPartialWriter&) = delete;
  MemoryPartialWriter& operator=(const MemoryPartialWriter&) = delete;

  ~MemoryPartialWriter() override {
    const std::lock_guard lock(contents_.mutex);
    upload_->is_open = false;
  }

  std::uint64_t offset() const override {
    const std::lock_guard lock(contents_.mutex);
    return upload_->content->bytes().size();
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    const std::lock_guard lock(contents_.mutex);
    return upload_->content->append(bytes);
  }

  Result<void> sync() override { return {}; }

 private:
  Contents& contents_;
  std::shared_ptr<Upload> upload_;
};

class MemoryPartials final : public PartialUploads {
 public:
  explicit MemoryPartials(Contents& contents) : contents_(contents) {}

  Result<std::unique_ptr<PartialWriter>> open(std::string_view id, std::uint64_t offset) override {
    if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
    const std::lock_guard lock(contents_.mutex);
    auto found = contents_.uploads.find(id);
    if (found == contents_.uploads.end()) {
      if (offset > 0) return no_upload();
      found = contents_.uploads.emplace(id, std::make_shared<Upload>(contents_.room)).first;
    }
    Upload& upload = *found->second;
    if (upload.is_open) return fail(Errc::conflict, "the upload is being written to");
    if (offset > upload.content->bytes().size()) {
      return fail(Errc::conflict, "the upload is shorter than that");
    }
    upload.content->shorten(offset);
    upload.is_open = true;
    return std::make_unique<MemoryPartialWriter>(contents_, found->second);
  }

  Result<std::uint64_t> size(std::string_view id) override {
    if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
    const std::lock_guard lock(contents_.mutex);
    const auto found = contents_.uploads.find(id);
    if (found == contents_.uploads.end()) return no_upload();
    return found->second->content->bytes().size();
  }

  Result<void> finish(std::string_view id, std::string_view key) override {
    auto good = check_upload_id(id).and_then([&] { return check_key(key); });
    if (!good) return good;
    const std::lock_guard lock(contents_.mutex);
    const auto found = contents_.uploads.find(id);
    if (found == contents_.uploads.end()) {
      if (contents_.blobs.contains(key)) return {};
      return no_upload();
    }
    if (found->second->is_open) return fail(Errc::conflict, "the upload is being written to");
    contents_.blobs[std::string(key)] = found->second->content;
    contents_.uploads.erase(found);
    return {};
  }

  Result<void> drop(std::string_view id) override {
    if (auto good = check_upload_id(id); !good) return good;
    const std::lock_guard lock(contents_.mutex);
    if (const auto found = contents_.uploads.find(id); found != contents_.uploads.end()) {
      contents_.uploads.erase(found);
    }
    return {};
  }

  Result<std::size_t> sweep(std::chrono::seconds idle) override {
    const std::lock_guard lock(contents_.mutex);
    const auto now = Clock::now();
    return std::erase_if(contents_.uploads, [&](const auto& entry) {
      const Upload& upload = *entry.second;
      return !upload.is_open && now - upload.content->touched() >= idle;
    });
  }

 private:
  static tl::unexpected<Error> no_upload() { return fail(Errc::not_found, "no such upload"); }

  Contents& contents_;
};

class MemoryStore final : public BlobStore {
 public:
  explicit MemoryStore(std::uint64_t capacity) : contents_(capacity), partials_(contents_) {}

  Result<std::unique_ptr<BlobWriter>> create(std::string_view key) override {
    if (auto good = check_key(key); !good) return tl::unexpected(good.error());
    return std::make_unique<MemoryWriter>(contents_, key);
  }

  Result<std::unique_ptr<BlobReader>> open(std::string_view key) override {
    if (auto good = check_key(key); !good) return tl::unexpected(good.error());
    const std::lock_guard lock(contents_.mutex);
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
    const std::lock_guard lock(contents_.mutex);
    const auto original = find(from);
    if (!original) return tl::unexpected(original.error());
    if (contents_.blobs.contains(to)) {
      return fail(Errc::conflict, std::string(to) + ": is there already");
    }
    auto content = std::make_shared<Content>(contents_.room);
    auto copied = content->append(std::as_bytes(std::span((*original)->bytes())));
    if (copied) contents_.blobs.emplace(to, std::move(content));
    return copied;
  }

  Result<void> remove(std::string_view key) override {
    if (auto good = check_key(key); !good) return good;
    const std::lock_guard lock(contents_.mutex);
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

  Result<std::uint64_t> free_bytes() override { return contents_.room->load(); }

  Result<std::size_t> sweep_unfinished(std::chrono::seconds) override { return 0; }

  PartialUploads& partials() override { return partials_; }

 private:
  /// Under the mutex.
  Result<std::shared_ptr<const Content>> find(std::string_view key) const {
    const auto found = contents_.blobs.find(key);
    if (found != contents_.blobs.end()) return found->second;
    return fail(Errc::not_found, std::string(key) + ": no such blob");
  }

  std::vector<BlobInfo> listed(std::string_view prefix) {
    const std::lock_guard lock(contents_.mutex);
    std::vector<BlobInfo> infos;
    for (const auto& [key, content] : contents_.blobs) {
      if (!key.starts_with(prefix)) continue;
      infos.push_back({key, content->bytes().size(), content->touched()});
    }
    return infos;
  }

  Contents contents_;
  MemoryPartials partials_;
};

}  // namespace

std::unique_ptr<BlobStore> make_memory_store(std::uint64_t capacity) {
  return std::make_unique<MemoryStore>(capacity);
}

}  // namespace steno::blob
