#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "pipeline/decode/decode.h"
#include "pipeline/decode/input.h"
#include "pipeline/decode/wire.h"
#include "sandbox/sandbox.h"

namespace steno::decode {

/// Decodes in a child: reads the source for it, and checks all that it says, because foreign bytes
/// may control it. The child works ahead as far as the socket holds samples. Not thread-safe.
class RemoteDecoder final : public Decoder {
 public:
  RemoteDecoder(std::string name, std::unique_ptr<Input> input, sandbox::Child child,
                std::stop_token stop, Decoders::OnFault on_fault);

  /// Waits until the child has decoded the first samples. Errors: those of Decoders::open().
  Result<void> start(const std::string& file_name, const DecodeOptions& options);

  int channels() const override { return channels_; }
  std::optional<double> duration() const override { return duration_; }
  Result<bool> read(std::vector<std::vector<float>>& block) override;
  const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  /// The next message that is no request for bytes. Requests are answered meanwhile.
  Result<Header> next_message();
  Result<void> answer(const Header& header);
  Result<std::string> receive_text(const Header& header);
  Result<void> take_opened(const Header& header);
  Result<void> take_samples(const Header& header, std::vector<std::vector<float>>& block);
  Result<void> take_ended(const Header& header);
  bool take_warnings(ByteReader& in);
  /// The error that the child sends.
  Error failure_of(const Header& header);
  /// The reason why the channel has ended.
  Error broken();
  /// The child sent what the protocol does not allow.
  Error nonsense();
  bool wait(short events);

  std::string name_;
  std::unique_ptr<Input> input_;
  sandbox::Child child_;
  std::stop_token stop_;
  Decoders::OnFault on_fault_;
  Wire wire_;
  std::chrono::steady_clock::time_point deadline_;  ///< of the current wait for the child
  int channels_ = 0;
  std::optional<double> duration_;
  std::vector<std::string> warnings_;
  std::vector<std::byte> fetched_;
  std::int64_t bytes_ = 0;    ///< given to the child
  std::int64_t samples_ = 0;  ///< per channel
  bool has_ended_ = false;
  std::optional<Error> error_;  ///< of an earlier read()
};

}  // namespace steno::decode
