#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "pipeline/decode/decode.h"
#include "pipeline/decode/input.h"

namespace steno::decode {

/// Decodes in this process, without limits of memory and time. FFmpeg does not write to standard
/// error: the first call redirects its log. `file_name` is that of a file, else empty. Errors:
/// those of Decoders::open().
Result<std::unique_ptr<Decoder>> open_local(const std::string& name, const std::string& file_name,
                                            std::unique_ptr<Input> input,
                                            const DecodeOptions& options);

/// The same for a source. For tests: the program decodes in children, by Decoders.
Result<std::unique_ptr<Decoder>> open_local(const Source& source,
                                            const DecodeOptions& options = {});

}  // namespace steno::decode
