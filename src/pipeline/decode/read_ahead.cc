#include "pipeline/decode/read_ahead.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

namespace steno::decode {

ReadAheadInput::ReadAheadInput(std::shared_ptr<const RangeReader> reader)
    : reader_(std::move(reader)), size_(reader_->size()) {}

ReadAheadInput::~ReadAheadInput() {
  if (next_.valid()) next_.wait();
}

int ReadAheadInput::read(std::span<std::byte> buffer) {
  if (position_ >= size_ || buffer.empty()) return 0;
  if (!find_kept() && !load()) return -EIO;
  const Block& block = blocks_.front();
  const auto skipped = static_cast<std::size_t>(position_ - block.begin);
  const std::size_t count = std::min(buffer.size(), block.bytes.size() - skipped);
  std::memcpy(buffer.data(), block.bytes.data() + skipped, count);
  position_ += count;
  // The first block after a jump may be all that is wanted there.
  if (block_size_ > kSmallestBlock) start_next();
  return static_cast<int>(count);
}

bool ReadAheadInput::seek(std::int64_t offset) {
  if (offset < 0) return false;
  position_ = static_cast<std::uint64_t>(offset);
  return true;
}

bool ReadAheadInput::find_kept() {
  const auto found = std::ranges::find_if(
      blocks_, [this](const Block& block) { return block.contains(position_); });
  if (found == blocks_.end()) return false;
  blocks_.splice(blocks_.begin(), blocks_, found);
  return true;
}

Result<void> ReadAheadInput::load() {
  if (next_.valid()) {
    auto next = next_.get();
    // A failed block is requested again below if it is still needed.
    if (next && next->contains(position_)) {
      keep(*std::move(next));
      return {};
    }
  }
  std::uint64_t begin = position_;
  const std::uint64_t before = blocks_.empty() ? 0 : blocks_.front().end();
  if (!blocks_.empty() && begin >= before && begin - before <= kLargestBlock) {
    block_size_ = std::min(2 * block_size_, kLargestBlock);
  } else {
    block_size_ = kSmallestBlock;
    // Tags at the end are looked for one after the other, from the last one on.
    if (size_ - begin < kSmallestBlock) begin = size_ - std::min(size_, std::uint64_t{block_size_});
  }
  auto block = fetch(*reader_, begin, count_from(begin));
  if (!block) return tl::unexpected(block.error());
  keep(*std::move(block));
  return {};
}

void ReadAheadInput::start_next() {
  const std::uint64_t begin = blocks_.front().end();
  if (next_.valid() || begin >= size_) return;
  const auto is_there = [begin](const Block& block) { return block.contains(begin); };
  if (std::ranges::any_of(blocks_, is_there)) return;
  block_size_ = std::min(2 * block_size_, kLargestBlock);
  next_ = std::async(std::launch::async,
                     [reader = reader_, begin, count = count_from(begin)]() -> Result<Block> {
                       return fetch(*reader, begin, count);
                     });
}

Result<ReadAheadInput::Block> ReadAheadInput::fetch(const RangeReader& reader, std::uint64_t begin,
                                                    std::size_t count) {
  try {
    Block block{begin, std::vector<std::byte>(count)};
    const auto got = reader.read(begin, block.bytes);
    if (!got) return tl::unexpected(got.error());
    if (*got != count) return fail(Errc::io, "shorter than it was when it was opened");
    return block;
  } catch (const std::exception& error) {
    // FFmpeg calls this, and an exception must not pass through C code.
    return fail(Errc::io, error.what());
  }
}

void ReadAheadInput::keep(Block block) {
  blocks_.push_front(std::move(block));
  std::size_t kept = 0;
  const auto is_too_much = [&kept](const Block& old) {
    kept += old.bytes.size();
    return kept > kMostKept;
  };
  blocks_.erase(std::ranges::find_if(blocks_, is_too_much), blocks_.end());
}

std::size_t ReadAheadInput::count_from(std::uint64_t begin) const {
  return static_cast<std::size_t>(std::min<std::uint64_t>(block_size_, size_ - begin));
}

}  // namespace steno::decode
