#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/checkpoint.h"
#include "pipeline/stages.h"

namespace steno {

struct Job;
class Log;
namespace blob {
class BlobStore;
}

/// The stage outputs and checkpoints of one job, in its blobs (stage_key(), checkpoint_prefix()).
/// The parts of each attempt have unique names, so an attempt with a lost lease overwrites nothing.
/// The functions of CheckpointStore are thread-safe. Private to worker/.
class StageBlobs : public StageOutputs, public CheckpointStore {
 public:
  /// Everything except the job must outlive it.
  StageBlobs(const Job& job, blob::BlobStore& blobs, Log& log);

  /// A rerun that redacts finds its unredacted copy, which is removed when the job ends. A damaged
  /// output is logged and not found.
  std::optional<std::string> find(std::string_view name) override;
  void keep(std::string_view name, std::string_view content) override;
  CheckpointStore* checkpoints() override { return this; }

  std::vector<Part> parts(std::string_view stage) override;
  bool add(std::string_view stage, std::string_view content) override;
  void remove(std::string_view stage, const std::vector<std::string>& ids) override;
  void remove_all(std::string_view stage) override;
  void note(std::string_view stage, std::string_view message, std::size_t steps) override;
  bool is_at_risk() const override { return is_suspect_; }

 private:
  std::optional<std::string> read(const std::string& key, std::string_view name);
  std::string part_prefix(std::string_view stage) const;
  void warn(std::string_view message, std::string_view name, const Error& error) const;

  const std::string job_id_;
  const bool is_rerun_;
  const bool is_suspect_;
  const std::string attempt_;  ///< prefix of the names of this attempt's parts
  blob::BlobStore& blobs_;
  Log& log_;
  std::atomic<int> next_part_ = 0;
};

}  // namespace steno
