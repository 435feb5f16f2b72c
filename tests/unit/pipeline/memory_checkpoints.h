#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/checkpoint.h"
#include "pipeline/stages.h"

namespace steno {

/// Parts in memory. Thread-safe.
class MemoryCheckpoints : public CheckpointStore {
 public:
  std::vector<Part> parts(std::string_view stage) override {
    const std::lock_guard lock(mutex);
    std::vector<Part> found;
    for (const auto& [id, content] : all) {
      if (id.starts_with(std::string(stage) + ".")) found.push_back({id, content});
    }
    return found;
  }
  bool add(std::string_view stage, std::string_view content) override {
    const std::lock_guard lock(mutex);
    if (is_broken) return false;
    all[std::string(stage) + "." + std::to_string(next++)] = content;
    return true;
  }
  void remove(std::string_view, const std::vector<std::string>& ids) override {
    const std::lock_guard lock(mutex);
    for (const std::string& id : ids) all.erase(id);
  }
  void remove_all(std::string_view stage) override {
    const std::lock_guard lock(mutex);
    std::erase_if(
        all, [&](const auto& part) { return part.first.starts_with(std::string(stage) + "."); });
  }
  void note(std::string_view, std::string_view message, std::size_t) override {
    const std::lock_guard lock(mutex);
    notes.emplace_back(message);
  }

  std::mutex mutex;
  std::map<std::string, std::string> all;
  std::vector<std::string> notes;
  int next = 100;
  bool is_broken = false;
};

/// Stage outputs in memory; checkpoints too, unless a test wants none.
struct MemoryOutputs : StageOutputs {
  std::optional<std::string> find(std::string_view name) override {
    const auto found = kept.find(std::string(name));
    return found == kept.end() ? std::nullopt : std::optional(found->second);
  }
  void keep(std::string_view name, std::string_view content) override {
    kept[std::string(name)] = content;
  }
  CheckpointStore* checkpoints() override { return has_checkpoints ? &parts : nullptr; }

  std::map<std::string, std::string> kept;
  MemoryCheckpoints parts;
  bool has_checkpoints = true;
};

/// Records in memory, in their order: those of an attempt that was killed after any of them.
class MemoryLog : public CheckpointLog {
 public:
  MemoryLog() = default;
  /// An attempt that finds the first `count` records of `before`.
  MemoryLog(const MemoryLog& before, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) known_.insert(before.records[i]);
  }

  std::optional<std::string> take(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(std::string(key));
    if (found == known_.end()) return std::nullopt;
    ++taken;
    return std::move(known_.extract(found).mapped());
  }
  void record(std::string_view key, std::string_view result) override {
    const std::lock_guard lock(mutex_);
    records.emplace_back(key, result);
  }
  bool is_at_risk() const override { return at_risk; }

  std::vector<std::pair<std::string, std::string>> records;
  std::size_t taken = 0;
  bool at_risk = false;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> known_;
};

}  // namespace steno
