#include "api/submit/recording.h"

#include <simdjson.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "api/core/errors.h"
#include "api/submit/submission.h"
#include "base/id.h"

namespace steno::api {
namespace {

// Large enough that going to another thread costs little, small enough to be held for each upload.
constexpr size_t kPieceBytes = 256 * 1024;
constexpr size_t kLongestName = 255;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

Recording::Recording(Service& service, std::string_view name, Limits limits, Hashing hashing)
    : service_(service),
      key_("audio/" + new_id("aud_", service.clock.now())),
      name_(plain_file_name(name)),
      limits_(std::move(limits)) {
  if (hashing == Hashing::sha256) digest_.emplace();
}

// Throwing a large file away takes a while.
Recording::~Recording() {
  if (!writer_) return;
  boost::asio::post(service_.upload_pool,
                    [writer = std::move(writer_)]() mutable { writer.reset(); });
}

http::Task<void> Recording::write(std::string_view bytes, std::uint64_t expected) {
  if (bytes.size() > limits_.most_bytes - size_) throw http::ProblemError(limits_.too_large);
  size_ += bytes.size();
  buffer_ += bytes;
  if (buffer_.size() >= kPieceBytes) co_await flush(expected);
}

http::Task<void> Recording::finish() {
  if (size_ == 0) {
    throw http::ProblemError({422, "empty_audio", "The recording is empty: it has no bytes"});
  }
  if (!buffer_.empty()) co_await flush(0);
  if (digest_) hash_ = digest_->finish();
}

http::Task<void> Recording::flush(std::uint64_t expected) {
  auto store_piece = [this, expected] { return store(buffer_, expected); };
  const auto stored = co_await http::offload(service_.upload_pool, store_piece);
  buffer_.clear();
  if (!stored) {
    service_.log.error("a recording was not stored", {{"error", stored.error().message}});
    throw http::ProblemError(problem_of_storage(stored.error()));
  }
}

Result<void> Recording::store(std::string_view bytes, std::uint64_t expected) {
  if (auto room = check_room(service_, bytes.size() + expected); !room) return room;
  if (!writer_) {
    auto writer = service_.blobs.create(key_);
    if (!writer) return tl::unexpected(writer.error());
    writer_ = *std::move(writer);
  }
  if (digest_) digest_->add(bytes);
  return writer_->write(as_bytes(bytes));
}

AudioSource Recording::source() const {
  return {.blob = key_, .url = "", .name = name_, .bytes = static_cast<std::int64_t>(size_)};
}

Result<void> Recording::keep() {
  auto kept = writer_->commit();
  if (kept) writer_.reset();
  return kept;
}

Result<void> check_room(Service& service, std::uint64_t bytes) {
  for (const auto& free : {service.blobs.free_bytes(), service.staging.free_bytes()}) {
    if (!free) return tl::unexpected(free.error());
    if (!*free) continue;
    if (**free < bytes || **free - bytes < service.options.min_free_disk_bytes) {
      return fail(Errc::no_space, "less space is left than the configuration keeps free");
    }
  }
  return {};
}

std::string plain_file_name(std::string_view name) {
  name = name.substr(name.find_last_of("/\\") + 1);  // npos + 1 is 0
  std::string plain;
  std::ranges::copy_if(name, std::back_inserter(plain),
                       [](unsigned char c) { return c >= 0x20 && c != 0x7F; });
  if (!simdjson::validate_utf8(plain)) return "";
  if (plain.size() > kLongestName) {
    size_t end = kLongestName;
    while ((static_cast<unsigned char>(plain[end]) & 0xC0) == 0x80) --end;
    plain.resize(end);
  }
  return plain;
}

}  // namespace steno::api
