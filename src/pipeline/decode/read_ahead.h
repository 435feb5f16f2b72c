#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "base/range_reader.h"
#include "pipeline/decode/input.h"

namespace steno::decode {

/// Reads a RangeReader in few, large requests, for stores where each request takes long.
///
/// Problem: FFmpeg reads 64 KiB at a time and, while it opens a file, jumps to the end and back. A
/// cloud store answers each request after about 100 ms.
/// Idea: a jump fetches a block of 256 KiB. Each block that continues the one before is twice as
/// large, up to 2 MiB, and is fetched in the background while the decoder works on the one before.
/// Recent blocks are kept, so that a jump back costs no request.
///
/// Memory: at most kMostKept bytes, and kLargestBlock for the block on its way. Not thread-safe.
class ReadAheadInput final : public Input {
 public:
  static constexpr std::size_t kSmallestBlock = std::size_t{256} << 10;
  static constexpr std::size_t kLargestBlock = std::size_t{2} << 20;
  static constexpr std::size_t kMostKept = std::size_t{3} << 20;

  explicit ReadAheadInput(std::shared_ptr<const RangeReader> reader);
  /// Waits for the request on its way.
  ~ReadAheadInput() override;

  /// -EIO if the reader fails or has fewer bytes than its size().
  int read(std::span<std::byte> buffer) override;
  bool seek(std::int64_t offset) override;
  std::int64_t size() const override { return static_cast<std::int64_t>(size_); }

 private:
  struct Block {
    std::uint64_t begin = 0;
    std::vector<std::byte> bytes;
    std::uint64_t end() const { return begin + bytes.size(); }
    bool contains(std::uint64_t offset) const { return offset >= begin && offset < end(); }
  };

  static Result<Block> fetch(const RangeReader& reader, std::uint64_t begin, std::size_t count);
  /// Moves the block that contains position_ to the front of blocks_. False if there is none.
  bool find_kept();
  /// Puts the block that contains position_ at the front of blocks_, from the store.
  Result<void> load();
  void start_next();
  void keep(Block block);
  std::size_t count_from(std::uint64_t begin) const;

  const std::shared_ptr<const RangeReader> reader_;
  const std::uint64_t size_;
  std::uint64_t position_ = 0;
  std::size_t block_size_ = kSmallestBlock;  // of the latest request
  std::list<Block> blocks_;                  // latest used first
  std::future<Result<Block>> next_;          // the block behind the front one, on its way
};

}  // namespace steno::decode
