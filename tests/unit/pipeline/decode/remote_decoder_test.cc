#include "pipeline/decode/remote_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <limits>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "pipeline/decode/decode_limits.h"
#include "pipeline/decode/decode_wire.h"
#include "sandbox/sandbox.h"
#include "unit/pipeline/decode/recordings.h"

namespace steno::decode {
namespace {

using testing::bytes_of;
using testing::ffmpeg;
using ::testing::HasSubstr;
using testing::tones;

void loop() {
  volatile bool is_over = false;
  while (!is_over) {
  }
}

/// Decoders whose children run `task`, and what they report.
struct Other {
  explicit Other(sandbox::Sandbox::Task task) : sandbox(std::move(task)) {}
  Result<std::unique_ptr<Decoder>> open(const DecodeOptions& options = {}) {
    return decoders.open(Source::memory(std::as_bytes(std::span(bytes)), "call"), options);
  }
  Error error() {
    const auto opened = open();
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }

  const std::string bytes = "not read by the task";
  sandbox::Sandbox sandbox;
  std::vector<std::string> faults;
  Decoders decoders{sandbox, [this](const std::string& fault) { faults.push_back(fault); }};
};

TEST(RemoteDecoder, SaysThatTheDecoderCrashed) {
  Other crash([](int) { std::abort(); });
  EXPECT_EQ(crash.error().code, Errc::bad_audio);
  EXPECT_THAT(crash.error().message, HasSubstr("call: damaged: its decoder crashed: signal 6"));
  EXPECT_THAT(crash.faults, ::testing::Each(HasSubstr("signal 6 (Aborted)")));
  EXPECT_EQ(crash.faults.size(), 2u);
}

TEST(RemoteDecoder, SaysWhichLimitWasReached) {
  if (sandbox::kIsSanitized) return;  // sanitizers have no limit of memory
  Other greedy([](int) {
    std::vector<std::vector<char>> all;
    while (true) all.emplace_back(16 << 20, 'x');
  });
  const Error memory = greedy.error();
  EXPECT_EQ(memory.code, Errc::bad_audio);
  EXPECT_EQ(memory.message, "call: needs more memory than the limit of 256 MB");
  EXPECT_EQ(greedy.faults.size(), 1u);

  Other endless([](int) {
    sandbox::grant_processor_time(0);
    loop();
  });
  const Error time = endless.error();
  EXPECT_EQ(time.code, Errc::bad_audio);
  EXPECT_EQ(time.message, "call: damaged: nothing could be decoded in 8 s of processor time");
}

TEST(RemoteDecoder, RetriesWhatWasKilledFromOutside) {
  Other killed([](int channel) {
    char byte = 0;
    [[maybe_unused]] const auto got = ::read(channel, &byte, 1);
    while (true) ::sched_yield();
  });
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::kill(killed.sandbox.helper(), SIGKILL);
  });
  EXPECT_EQ(killed.error().code, Errc::unavailable);
  EXPECT_EQ(killed.error().code, Errc::unavailable) << "no helper";
}

TEST(RemoteDecoder, EndsAtOnceWhenItIsStopped) {
  Other endless([](int) { loop(); });
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  DecodeOptions options;
  options.stop = stop.get_token();
  const auto begin = std::chrono::steady_clock::now();
  const auto opened = endless.open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::cancelled);
  EXPECT_EQ(opened.error().message, "call: cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

/// Messages that a child which foreign bytes control may send.
void take_job(Wire& wire) {
  Header header;
  wire.receive(header);
  std::vector<std::byte> job(header.size);
  wire.receive(job);
}

void send_opened(Wire& wire, std::int32_t channels) {
  ByteWriter out;
  out.number(channels).number(4.0).number(std::uint64_t{0});
  wire.send(Kind::opened, {std::as_bytes(std::span(out.bytes()))});
}

TEST(RemoteDecoder, BelievesNothingThatBreaksTheProtocol) {
  using Say = void (*)(Wire&);
  const std::vector<Say> sayings = {
      [](Wire& wire) { send_opened(wire, 0); },
      [](Wire& wire) { send_opened(wire, 1'000'000); },
      [](Wire& wire) { wire.send(static_cast<Kind>(77), {}); },
      [](Wire& wire) { wire.send(Kind::opened, {}); },
      [](Wire& wire) { wire.send(Kind::fetch, {}); },
      [](Wire& wire) {
        const Fetch fetch{0, kMostFetched + 1};
        wire.send(Kind::fetch, {std::as_bytes(std::span(&fetch, 1))});
      },
      [](Wire& wire) {
        const std::vector<std::byte> text(kMostText + 1);
        wire.send(Kind::failed, {text});
      },
      [](Wire& wire) {
        ByteWriter out;
        out.number(std::int32_t{1}).number(4.0).number(~std::uint64_t{0});
        wire.send(Kind::opened, {std::as_bytes(std::span(out.bytes()))});
      },
  };
  for (const Say saying : sayings) {
    Other liar([saying](int channel) {
      Wire wire(channel);
      take_job(wire);
      saying(wire);
      take_job(wire);  // waits
    });
    const Error error = liar.error();
    EXPECT_EQ(error.code, Errc::bad_audio);
    EXPECT_EQ(error.message, "call: damaged: its decoder gave nonsense");
    EXPECT_EQ(liar.faults.size(), 1u);
  }
}

TEST(RemoteDecoder, BelievesNoSamplesThatAreNone) {
  for (const float wrong :
       {2.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Other liar([wrong](int channel) {
      Wire wire(channel);
      take_job(wire);
      send_opened(wire, 1);
      const std::vector<float> samples = {0.5F, wrong};
      wire.send(Kind::samples, {std::as_bytes(std::span(samples))});
      take_job(wire);
    });
    const auto opened = liar.open();
    ASSERT_TRUE(opened) << opened.error().message;
    std::vector<std::vector<float>> block;
    for (int again = 0; again < 2; ++again) {
      const auto read = (*opened)->read(block);
      ASSERT_FALSE(read);
      EXPECT_EQ(read.error().code, Errc::bad_audio);
      EXPECT_TRUE(block.empty());
    }
  }
}

TEST(RemoteDecoder, BelievesNoRecordingWithoutEnd) {
  Other liar([](int channel) {
    Wire wire(channel);
    take_job(wire);
    send_opened(wire, 1);
    const std::vector<float> samples(kSampleRate / 2);
    while (wire.send(Kind::samples, {std::as_bytes(std::span(samples))})) {
    }
  });
  const auto opened = liar.open();
  ASSERT_TRUE(opened) << opened.error().message;
  std::vector<std::vector<float>> block;
  Result<bool> more = true;
  int blocks = 0;
  while (more && *more && blocks < 200'000) {
    more = (*opened)->read(block);
    ++blocks;
  }
  EXPECT_FALSE(more);
}

/// A sandbox with the decoder's task, and the largest resident memory of its children.
class Measured {
 public:
  Measured()
      : peak_(static_cast<long*>(::mmap(nullptr, sizeof(long), PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0))),
        sandbox_([peak = peak_](int channel) {
          decode_in_child(channel);
          rusage used{};
          ::getrusage(RUSAGE_SELF, &used);
          *peak = std::max(*peak, used.ru_maxrss << 10);
        }) {}
  ~Measured() { ::munmap(peak_, sizeof(long)); }

  Decoders decoders() const { return Decoders(sandbox_); }
  long peak() const {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the child ends after its answer
    return *peak_;
  }

 private:
  long* const peak_;
  const sandbox::Sandbox sandbox_;
};

TEST(Tracks, PicturesAreNeverDecoded) {
  ffmpeg("-f lavfi -i color=black:s=6000x6000 -frames:v 1 -pix_fmt rgb48be", "big.png");
  const auto path = ffmpeg(
      "-i big.png -i '" + tones() + "' -map 0 -map 0 -map 0 -map 0 -map 1 -c:v copy -c:a aac",
      "pictures.mov");
  const Measured measured;
  const auto decoder = measured.decoders().open(Source::file(path));
  ASSERT_TRUE(decoder) << decoder.error().message;
  std::vector<std::vector<float>> block;
  std::size_t samples = 0;
  while ((*decoder)->read(block).value_or(false)) samples += block[0].size();
  EXPECT_NEAR(static_cast<double>(samples) / kSampleRate, 4, 0.1);
  if (!sandbox::kIsSanitized) {
    EXPECT_LT(measured.peak(), 150'000'000) << "a picture has 216 MB";
  }
}

std::string with_tracks(int count, const std::string& name) {
  std::string maps;
  for (int i = 0; i < count; ++i) maps += " -map 0";
  return ffmpeg("-f lavfi -i sine=d=0.1:r=8000" + maps + " -c:a pcm_s16le", name);
}

TEST(Tracks, AreLimitedByNumber) {
  const auto many = with_tracks(kMostAudioTracks, "many.mov");
  const auto decoded = testing::decode_all(Source::file(many, "many"));
  EXPECT_TRUE(decoded) << decoded.error().message;
  for (const std::string name : {"more.mov", "more.mkv"}) {
    const auto more = testing::decode_all(Source::file(with_tracks(65, name), "more"));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, Errc::bad_audio);
    EXPECT_EQ(more.error().message, "more: has 65 audio tracks, and at most 64 are allowed");
    const auto most = testing::decode_all(Source::file(with_tracks(600, "600" + name), "most"));
    ASSERT_FALSE(most);
    EXPECT_EQ(most.error().message, "most: has more than 512 tracks, the most that are allowed");
  }
}

}  // namespace
}  // namespace steno::decode
