#pragma once

#include <atomic>
#include <latch>
#include <memory>
#include <string_view>
#include <utility>

#include "unit/blob/full_disk.h"

namespace steno {

/// A decorator of a store whose blobs cannot be finished until it is released.
class StuckDisk : public FullDisk {
 public:
  using FullDisk::FullDisk;

  std::atomic<int> waiting = 0;  ///< number of waiting calls
  void let_go() { go_.count_down(); }

  Result<std::unique_ptr<blob::BlobWriter>> create(std::string_view key) override {
    auto writer = FullDisk::create(key);
    if (!writer) return writer;
    return std::make_unique<Writer>(*this, std::move(*writer));
  }

 private:
  class Writer : public blob::BlobWriter {
   public:
    Writer(StuckDisk& disk, std::unique_ptr<blob::BlobWriter> writer)
        : disk_(disk), writer_(std::move(writer)) {}
    Result<void> write(std::span<const std::byte> bytes) override { return writer_->write(bytes); }
    Result<void> commit() override {
      ++disk_.waiting;
      disk_.go_.wait();
      return writer_->commit();
    }

   private:
    StuckDisk& disk_;
    std::unique_ptr<blob::BlobWriter> writer_;
  };

  std::latch go_{1};
};

}  // namespace steno
