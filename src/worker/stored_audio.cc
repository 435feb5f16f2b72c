#include "worker/stored_audio.h"

#include <memory>
#include <utility>

#include "fetch/fetch.h"
#include "telemetry/log.h"

namespace steno {
namespace {

/// A blob whose read errors go to the log, because the decoder's message names no cause.
class LoggedReader final : public RangeReader {
 public:
  LoggedReader(std::unique_ptr<blob::BlobReader> blob, std::string job_id, Log& log)
      : blob_(std::move(blob)), job_id_(std::move(job_id)), log_(log) {}

  std::uint64_t size() const override { return blob_->size(); }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    auto count = blob_->read(offset, into);
    if (!count) {
      log_.warning("the recording cannot be read",
                   {{"job_id", job_id_}, {"offset", offset}, {"error", count.error().message}});
    }
    return count;
  }

 private:
  const std::unique_ptr<blob::BlobReader> blob_;
  const std::string job_id_;
  Log& log_;
};

}  // namespace

std::string display_name(const AudioSource& source) {
  if (!source.name.empty()) return source.name;
  if (!source.url.empty()) return fetch::loggable(source.url);
  return "the recording";
}

Result<std::optional<decode::Source>> open_stored_audio(blob::BlobStore& blobs, const Job& job,
                                                        Log& log) {
  if (job.source.blob.empty()) return std::nullopt;
  std::string name = display_name(job.source);
  if (const auto path = blobs.local_path(job.source.blob)) {
    return decode::Source::file(path->string(), std::move(name));
  }
  auto blob = blobs.open(job.source.blob);
  if (blob) {
    auto reader = std::make_shared<LoggedReader>(*std::move(blob), job.id, log);
    return decode::Source::ranges(std::move(reader), std::move(name));
  }
  if (blob.error().code == Errc::not_found) return std::nullopt;
  log.error("the recording cannot be opened",
            {{"job_id", job.id}, {"error", blob.error().message}});
  return fail(Errc::io, name + ": cannot be read");
}

}  // namespace steno
