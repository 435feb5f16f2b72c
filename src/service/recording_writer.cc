#include "service/recording_writer.h"

#include <simdjson.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/id.h"
#include "telemetry/log.h"

namespace steno::service {
namespace {

constexpr size_t kLongestName = 255;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

RecordingWriter::RecordingWriter(const RecordingParts& parts, std::string_view file_name,
                                 RecordingLimit limit, Hashing hashing)
    : parts_(parts),
      key_("audio/" + new_id("aud_", parts.clock.now())),
      name_(plain_file_name(file_name)),
      limit_(std::move(limit)) {
  if (hashing == Hashing::sha256) digest_.emplace();
}

Outcome<void> RecordingWriter::add(std::string_view bytes) {
  if (bytes.size() > limit_.most_bytes - size_) return refuse(limit_.too_large);
  size_ += bytes.size();
  buffer_ += bytes;
  return {};
}

Outcome<void> RecordingWriter::flush(std::uint64_t expected) {
  auto written = outcome_of(write_buffer(expected));
  buffer_.clear();
  return written;
}

Result<void> RecordingWriter::write_buffer(std::uint64_t expected) {
  if (auto room = parts_.admission.check_room(buffer_.size() + expected); !room) return room;
  if (!writer_) {
    auto writer = parts_.blobs.create(key_);
    if (!writer) return tl::unexpected(writer.error());
    writer_ = *std::move(writer);
  }
  if (digest_) digest_->add(buffer_);
  return writer_->write(as_bytes(buffer_));
}

Outcome<void> RecordingWriter::finish() {
  if (size_ == 0) {
    return refuse({ErrorKind::invalid, "empty_audio", "The recording is empty: it has no bytes"});
  }
  if (!buffer_.empty()) {
    if (auto flushed = flush(0); !flushed) return flushed;
  }
  if (digest_) hash_ = digest_->finish();
  return {};
}

Outcome<void> RecordingWriter::keep() {
  auto kept = outcome_of(writer_->commit());
  if (kept) writer_.reset();
  return kept;
}

Outcome<void> RecordingWriter::outcome_of(const Result<void>& result) {
  if (result) return {};
  parts_.log.error("a recording was not stored", {{"error", result.error().message}});
  return refuse(storage_error(result.error()));
}

AudioSource RecordingWriter::source() const {
  return {.blob = key_, .url = "", .name = name_, .bytes = static_cast<std::int64_t>(size_)};
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

}  // namespace steno::service
