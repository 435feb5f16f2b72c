#include "worker/stage_blobs.h"

#include <utility>

#include "base/digest.h"
#include "blob/blob.h"
#include "jobs/checkpoint_keys.h"
#include "jobs/lifecycle.h"
#include "jobs/unredacted.h"
#include "telemetry/log.h"

namespace steno {
namespace {

constexpr std::size_t kMostStageBytes = std::size_t{256} << 20;
/// Before the checksum of a kept output. What the service or an earlier program stored has none.
constexpr std::string_view kMark = "steno stage 1\n";
constexpr std::size_t kChecksum = 32;

std::string with_checksum(std::string_view content) {
  return std::string(kMark) + sha256(content) + std::string(content);
}

/// A changed byte could be another word. Then the stage runs again.
Result<std::string> checked(std::string content) {
  if (!content.starts_with(kMark)) return content;
  const std::string_view rest = std::string_view(content).substr(kMark.size());
  const bool is_whole =
      rest.size() >= kChecksum && sha256(rest.substr(kChecksum)) == rest.substr(0, kChecksum);
  if (!is_whole) return fail(Errc::io, "the checksum is wrong: the file is damaged");
  return content.substr(kMark.size() + kChecksum);
}

}  // namespace

StageBlobs::StageBlobs(const Job& job, blob::BlobStore& blobs, Log& log)
    : job_id_(job.id),
      is_rerun_(!job.rerun_of.empty()),
      is_suspect_(is_suspect(job)),
      attempt_(std::to_string(job.fence) + "."),
      blobs_(blobs),
      log_(log) {}

std::optional<std::string> StageBlobs::find(std::string_view name) {
  auto content = read(stage_key(job_id_, name), name);
  if (content || !is_rerun_) return content;
  return read(unredacted_key(job_id_, name), name);
}

void StageBlobs::keep(std::string_view name, std::string_view content) {
  if (auto put = blob::put_blob(blobs_, stage_key(job_id_, name), with_checksum(content)); !put) {
    warn("a stage's output is not kept", name, put.error());
  }
}

std::optional<std::string> StageBlobs::read(const std::string& key, std::string_view name) {
  auto content = blob::get_blob(blobs_, key, kMostStageBytes).and_then(checked);
  if (content) return *std::move(content);
  if (content.error().code != Errc::not_found) {
    warn("a stage's output is not readable", name, content.error());
  }
  return std::nullopt;
}

std::string StageBlobs::part_prefix(std::string_view stage) const {
  return checkpoint_prefix(job_id_) + std::string(stage) + ".";
}

std::vector<StageBlobs::Part> StageBlobs::parts(std::string_view stage) {
  std::vector<std::string> keys;
  const auto collect = [&](const blob::BlobInfo& blob) { keys.push_back(blob.key); };
  if (auto listed = blobs_.list(part_prefix(stage), collect); !listed) {
    warn("checkpoints cannot be listed", stage, listed.error());
    return {};
  }
  std::vector<Part> parts;
  for (std::string& key : keys) {
    auto content = blob::get_blob(blobs_, key, kMostStageBytes);
    if (content) {
      parts.push_back({std::move(key), *std::move(content)});
    } else if (content.error().code != Errc::not_found) {
      warn("a checkpoint is not readable", stage, content.error());
    }
  }
  return parts;
}

bool StageBlobs::add(std::string_view stage, std::string_view content) {
  const std::string key = part_prefix(stage) + attempt_ + std::to_string(next_part_++);
  const auto put = blob::put_blob(blobs_, key, content);
  if (!put) warn("a checkpoint is not kept", stage, put.error());
  return put.has_value();
}

void StageBlobs::remove(std::string_view stage, const std::vector<std::string>& ids) {
  for (const std::string& key : ids) {
    if (auto removed = blobs_.remove(key); !removed) {
      warn("a checkpoint is not removed", stage, removed.error());
    }
  }
}

void StageBlobs::remove_all(std::string_view stage) {
  std::vector<std::string> keys;
  const auto collect = [&](const blob::BlobInfo& blob) { keys.push_back(blob.key); };
  if (auto listed = blobs_.list(part_prefix(stage), collect); !listed) {
    return warn("checkpoints cannot be listed", stage, listed.error());
  }
  remove(stage, keys);
}

void StageBlobs::note(std::string_view stage, std::string_view message, std::size_t count) {
  log_.info(message, {{"job_id", job_id_}, {"stage", std::string(stage)}, {"count", count}});
}

void StageBlobs::warn(std::string_view message, std::string_view name, const Error& error) const {
  log_.warning(message,
               {{"job_id", job_id_}, {"stage", std::string(name)}, {"error", error.message}});
}

}  // namespace steno
