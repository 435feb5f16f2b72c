#include "pipeline/decode/decode.h"

#include <utility>

#include "pipeline/decode/decode_limits.h"
#include "pipeline/decode/input.h"
#include "pipeline/decode/remote_decoder.h"
#include "sandbox/sandbox.h"

namespace steno::decode {

Source Source::file(std::string path) {
  std::string name = path;
  return file(std::move(path), std::move(name));
}
Source Source::file(std::string path, std::string name) {
  return {Kind::file, std::move(name), std::move(path), {}, nullptr};
}
Source Source::standard_input() {
  return {Kind::standard_input, "standard input", "", {}, nullptr};
}
Source Source::memory(std::span<const std::byte> bytes, std::string name) {
  return {Kind::memory, std::move(name), "", bytes, nullptr};
}
Source Source::ranges(std::shared_ptr<const RangeReader> reader, std::string name) {
  return {Kind::ranges, std::move(name), "", {}, std::move(reader)};
}

Decoders::Decoders(const sandbox::Sandbox& sandbox, OnFault on_fault)
    : sandbox_(sandbox), on_fault_(std::move(on_fault)) {
  sandbox_.prepare();
}

Result<std::unique_ptr<Decoder>> Decoders::open(const Source& source,
                                                const DecodeOptions& options) const {
  Source named = source;
  named.name = one_line(source.name);
  auto input = open_input(named, options.stop);
  if (!input) return tl::unexpected(input.error());
  const std::int64_t size = (*input)->size();
  auto child = sandbox_.start({memory_limit(size), kProcessorSeconds});
  if (!child) {
    if (on_fault_) on_fault_(child.error().message);
    return fail(Errc::unavailable,
                named.name + ": cannot be decoded now: " + child.error().message);
  }
  auto decoder = std::make_unique<RemoteDecoder>(named.name, std::move(*input), std::move(*child),
                                                 options.stop, on_fault_);
  if (auto started = decoder->start(named.file_name(), options); !started) {
    return tl::unexpected(started.error());
  }
  return decoder;
}

}  // namespace steno::decode
