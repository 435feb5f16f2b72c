#include "pipeline/checkpoint.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/step_key.h"

namespace steno {
namespace {

// Changes with the format of the records, of any step.
constexpr std::string_view kMark = "steno checkpoint 1\n";
constexpr size_t kChecksum = 32;

constexpr int kWriteShare = 20;  // the time of a write, in the time between two
constexpr int kWorkShare = 25;
/// Most recordings are short. They need no checkpoint.
constexpr std::chrono::milliseconds kFirstPause{250};
constexpr std::chrono::seconds kLongestInterval{20};
/// An attempt that finds more parts puts them together: each costs a request to read.
constexpr size_t kMostParts = 64;

}  // namespace

Checkpoint::Checkpoint(CheckpointStore& store, std::string stage, std::string_view binding)
    : store_(store), stage_(std::move(stage)), head_(std::string(kMark) + sha256(binding)) {
  {
    const MutexLock lock(mutex_);
    load();
  }
  writer_ = std::jthread([this](const std::stop_token& stop) { write_when_due(stop); });
}

Checkpoint::~Checkpoint() { close(); }

void Checkpoint::load() {
  const auto parts = store_.parts(stage_);
  has_parts_ = !parts.empty();
  std::vector<std::string> ids;
  size_t ignored = 0;
  for (const auto& [id, content] : parts) {
    if (load_part(content)) {
      ids.push_back(id);
    } else {
      ++ignored;
    }
  }
  if (ignored > 0) {
    store_.note(stage_, "a checkpoint is ignored: damaged, or made by another model or options",
                ignored);
  }
  if (!known_.empty()) store_.note(stage_, "the work continues from a checkpoint", known_.size());
  if (ids.size() <= kMostParts) return;
  for (const auto& [key, result] : known_) pending_ += ByteWriter().text(key).text(result).bytes();
  if (write()) store_.remove(stage_, ids);
}

bool Checkpoint::load_part(std::string_view content) {
  if (!content.starts_with(head_) || content.size() < head_.size() + kChecksum) return false;
  const auto checked = content.substr(0, content.size() - kChecksum);
  if (sha256(checked) != content.substr(checked.size())) return false;
  ByteReader in(checked.substr(head_.size()));
  std::map<std::string, std::string, std::less<>> records;
  while (!in.is_whole()) {
    const auto key = in.text();
    const auto result = in.text();
    if (in.has_failed()) return false;
    records.emplace(key, result);
  }
  known_.merge(records);
  return true;
}

std::optional<std::string> Checkpoint::take(std::string_view key) {
  const MutexLock lock(mutex_);
  const auto found = known_.find(key);
  if (found == known_.end()) return std::nullopt;
  return std::move(known_.extract(found).mapped());
}

void Checkpoint::record(std::string_view key, std::string_view result) {
  const MutexLock lock(mutex_);
  if (is_closed_) return;
  pending_ += ByteWriter().text(key).text(result).bytes();
  changed_.notify_all();
}

void Checkpoint::close() {
  {
    const MutexLock lock(mutex_);
    is_closed_ = true;
  }
  if (!writer_.joinable()) return;
  writer_.request_stop();
  writer_.join();
}

void Checkpoint::discard() {
  {
    const MutexLock lock(mutex_);
    pending_.clear();
  }
  close();
  const MutexLock lock(mutex_);
  if (has_parts_) store_.remove_all(stage_);
}

void Checkpoint::write_when_due(const std::stop_token& stop) {
  const MutexLock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto has_records = [this]() REQUIRES(mutex_) { return !pending_.empty(); };
    if (!changed_.wait(mutex_, stop, has_records)) break;
    changed_.wait_until(mutex_, stop, wrote_at_ + pause(), [] { return false; });
    write();
  }
  write();
}

Checkpoint::Clock::duration Checkpoint::pause() const {
  if (wrote_at_ == begin_) return is_at_risk() ? Clock::duration() : kFirstPause;
  const Clock::duration work = wrote_at_ - begin_;
  return std::min<Clock::duration>(std::max(kWriteShare * last_write_, work / kWorkShare),
                                   kLongestInterval);
}

bool Checkpoint::write() {
  if (pending_.empty()) return true;
  std::string content = head_ + std::exchange(pending_, {});
  bool is_added = false;
  auto begin = Clock::now();
  auto end = begin;
  {
    const MutexUnlock others_may_record(mutex_);
    content += sha256(content);
    begin = Clock::now();
    is_added = store_.add(stage_, content);
    end = Clock::now();
  }
  has_parts_ = true;
  wrote_at_ = end;
  last_write_ = end - begin;
  return is_added;
}

}  // namespace steno
