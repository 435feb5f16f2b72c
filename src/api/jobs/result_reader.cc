#include "api/jobs/result_reader.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "api/core/errors.h"

namespace steno::api {
namespace {

constexpr std::size_t kMostResultBytes = std::size_t{1} << 30;

/// The value, or nothing for a blob that is gone.
template <class T>
std::optional<T> unless_gone(Result<T> result) {
  if (result) return std::move(*result);
  if (result.error().code == Errc::not_found) return std::nullopt;
  throw http::ProblemError(problem_of_storage(result.error()));
}

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

std::shared_ptr<http::ByteSource> open_body(blob::BlobStore& blobs, const std::string& key) {
  if (key.empty()) return nullptr;
  auto reader = unless_gone(blobs.open(key));
  return reader ? std::make_shared<BlobBody>(std::move(*reader)) : nullptr;
}

std::optional<std::uint64_t> result_size(blob::BlobStore& blobs, const Job& job) {
  if (job.result.empty()) return std::nullopt;
  return unless_gone(blob::blob_size(blobs, job.result));
}

std::optional<std::string> read_result(blob::BlobStore& blobs, const Job& job) {
  if (job.result.empty()) return std::nullopt;
  return unless_gone(blob::get_blob(blobs, job.result, kMostResultBytes));
}

nlohmann::ordered_json transcript_to_show(const std::string& result, const Shown& shown) {
  auto transcript = nlohmann::ordered_json::parse(result);
  for (auto& segment : transcript.at("segments")) {
    if (!shown.words) segment.erase("words");
    if (!shown.extra_data) segment.erase("extra_data");
  }
  return transcript;
}

}  // namespace steno::api
