#include "api/jobs/result_reader.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "api/core/errors.h"
#include "blob/blob.h"

namespace steno::api {
namespace {

class BlobBody : public http::ByteSource {
 public:
  explicit BlobBody(std::unique_ptr<blob::BlobReader> reader) : reader_(std::move(reader)) {}

  std::uint64_t size() const override { return reader_->size(); }

  std::size_t read(std::uint64_t offset, std::span<char> into) override {
    const auto count = reader_->read(offset, std::as_writable_bytes(into));
    if (!count) throw std::runtime_error(count.error().message);
    return *count;
  }

 private:
  std::unique_ptr<blob::BlobReader> reader_;
};

}  // namespace

std::shared_ptr<http::ByteSource> open_body(service::JobReader& jobs, const std::string& key) {
  auto reader = value_of(jobs.open(key));
  return reader ? std::make_shared<BlobBody>(std::move(reader)) : nullptr;
}

Result<nlohmann::ordered_json> transcript_to_show(const std::string& result, const Shown& shown) {
  auto transcript = nlohmann::ordered_json::parse(result, nullptr, false);
  if (!transcript.is_object() || !transcript.contains("segments")) {
    return fail(Errc::io, "the stored result is no transcript");
  }
  for (auto& segment : transcript["segments"]) {
    if (!segment.is_object()) return fail(Errc::io, "a segment of the stored result is no object");
    if (!shown.words) segment.erase("words");
    if (!shown.extra_data) segment.erase("extra_data");
  }
  return transcript;
}

}  // namespace steno::api
