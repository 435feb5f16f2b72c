#include "worker/stored_audio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "blob/file/file_store.h"
#include "blob/memory/memory_store.h"
#include "telemetry/log.h"
#include "test_paths.h"
#include "transcript/json.h"
#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"
#include "unit/blob/full_disk.h"
#include "unit/jobs/job_world.h"
#include "unit/notify/failing_notifier.h"
#include "unit/pipeline/decode/recordings.h"
#include "worker/model_cache.h"
#include "worker/pipeline_transcriber.h"
#include "worker/worker.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(DisplayName, IsTheClientsNameThenTheUrlWithoutSecretsThenAWord) {
  AudioSource source;
  EXPECT_EQ(display_name(source), "the recording");
  source.url = "https://ann:secret@host/calls/1.mp3?token=secret";
  EXPECT_EQ(display_name(source), "https://host/calls/1.mp3");
  source.name = "call.mp3";
  EXPECT_EQ(display_name(source), "call.mp3");
}

/// A store that may be on another machine, and whose reads may fail.
struct FarStore : FullDisk {
  using FullDisk::FullDisk;

  struct Reader : blob::BlobReader {
    Reader(std::unique_ptr<blob::BlobReader> blob, const FarStore& store)
        : blob(std::move(blob)), store(store) {}
    std::uint64_t size() const override { return blob->size(); }
    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
      const bool fails = offset + into.size() > store.fails_from && store.failures-- > 0;
      if (fails) return fail(Errc::unavailable, "/srv/blobs/audio/one: the store does not answer");
      return blob->read(offset, into);
    }
    std::unique_ptr<blob::BlobReader> blob;
    const FarStore& store;
  };

  std::optional<std::filesystem::path> local_path(std::string_view key) override {
    return is_far ? std::nullopt : FullDisk::local_path(key);
  }
  Result<std::unique_ptr<blob::BlobReader>> open(std::string_view key) override {
    if (is_broken) return fail(Errc::io, "/srv/blobs/audio/one: the store does not answer");
    return FullDisk::open(key).map([this](auto blob) -> std::unique_ptr<blob::BlobReader> {
      return std::make_unique<Reader>(std::move(blob), *this);
    });
  }

  bool is_far = false;
  std::atomic<bool> is_broken = false;
  std::atomic<std::uint64_t> fails_from = ~std::uint64_t{0};
  mutable std::atomic<int> failures = 1 << 30;  ///< that are left
};

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

enum class Blobs { in_files, in_memory, far };

/// A worker with the set-up's real models over one of the stores.
struct RealWorker {
  explicit RealWorker(Blobs kind)
      : store(new FarStore(kind == Blobs::in_memory
                               ? blob::make_memory_store()
                               : blob::open_file_store(folder.path()).value())),
        world({}, std::unique_ptr<blob::BlobStore>(store)) {
    store->is_far = kind == Blobs::far;
    WorkerOptions options;
    options.name = "worker-1";
    worker = std::make_unique<Worker>(
        WorkerParts{world.lifecycle, *world.queue, *world.blobs, world.event_notifier, transcriber,
                    [](const auto&...) { return tl::unexpected(fetch::FetchError{}); }, log},
        options);
  }

  /// The job with this audio, when it has ended or failed once.
  Job run(const std::string& audio, Job job = {}) {
    EXPECT_TRUE(blob::put_blob(*world.blobs, "audio/one", audio));
    job.options = R"({"beam_size": 1})";
    const std::string id = world.submit(std::move(job));
    EXPECT_TRUE(until([&] { return is_final(world.job(id).state) || world.job(id).failure; }));
    return world.job(id);
  }
  Transcript transcript(const Job& job) {
    return parse_transcript(blob::get_blob(*world.blobs, job.result, 1 << 24).value()).value();
  }

  TemporaryFolder folder;
  FarStore* store;  // of `world`
  JobWorld world;
  Log log{LogLevel::error};
  ModelCache cache{models::Library({STENO_MODELS}), DeviceOptions(), 0,
                   STENO_MODELS "/silero_vad_v6.onnx"};
  SpeakerNetworks speakers{std::string(STENO_MODELS "/diarization"), log};
  PipelineTranscriber transcriber{cache, "tiny.en", speakers, decode::testing::sandboxed(), log};
  std::unique_ptr<Worker> worker;
};

const std::string& recording() {
  static const std::string content = content_of(STENO_MODELS "/../speech/austen-0870.wav");
  return content;
}

TEST(StoredAudio, GivesTheSameTranscriptOverEveryStore) {
  std::vector<std::string> transcripts;
  for (const Blobs kind : {Blobs::in_files, Blobs::in_memory, Blobs::far}) {
    RealWorker place(kind);
    const Job job = place.run(recording());
    ASSERT_EQ(job.state, State::completed) << job.failure.value_or(Failure()).message;
    transcripts.push_back(to_json(place.transcript(job)));
  }
  EXPECT_THAT(transcripts[0], HasSubstr("power to do for them"));
  EXPECT_EQ(transcripts[1], transcripts[0]);
  EXPECT_EQ(transcripts[2], transcripts[0]);
}

TEST(StoredAudio, AReadErrorIsRetriedAndNeverTakenAsTheEnd) {
  RealWorker place(Blobs::far);
  place.store->fails_from = recording().size() / 2;
  Job given;
  given.source.name = "call.wav";
  given.source.blob = "audio/one";
  Job job = place.run(recording(), given);
  EXPECT_EQ(job.state, State::pending);
  EXPECT_EQ(job.failure, (Failure{"io", "call.wav: cannot be read: Input/output error"}));
  place.store->failures = 0;
  ASSERT_TRUE(until([&] {
    place.world.clock.advance(std::chrono::minutes(1));
    return is_final(place.world.job(job.id).state);
  }));
  job = place.world.job(job.id);
  ASSERT_EQ(job.state, State::completed);
  EXPECT_THAT(place.transcript(job).text(), HasSubstr("power to do for them"));
}

TEST(StoredAudio, AStoreThatDoesNotAnswerIsNoMissingAudio) {
  RealWorker place(Blobs::far);
  place.store->is_broken = true;
  Job given;
  given.source.name = "call.wav";
  given.source.blob = "audio/one";
  const Job job = place.run(recording(), given);
  EXPECT_EQ(job.state, State::pending);
  EXPECT_EQ(job.failure, (Failure{"io", "call.wav: cannot be read"}));
}

TEST(StoredAudio, NoMessageAndNoWarningContainsAPathOfTheMachine) {
  for (const Blobs kind : {Blobs::in_files, Blobs::in_memory, Blobs::far}) {
    RealWorker place(kind);
    for (const std::string name : {"", "call.wav"}) {
      Job given;
      given.source.name = name;
      given.source.blob = "audio/one";
      const std::string shown = name.empty() ? "the recording" : name;
      EXPECT_EQ(place.run("", given).failure, (Failure{"bad_audio", shown + ": is empty"}));
      EXPECT_EQ(place.run("no audio at all", given).failure->message,
                shown + ": not audio, or damaged at its start");
      const Job cut = place.run(recording().substr(0, recording().size() * 3 / 4), given);
      ASSERT_EQ(cut.state, State::completed);
      EXPECT_THAT(cut.warnings, ElementsAre(StartsWith(shown + ": cut off or damaged: ")));
      EXPECT_EQ(place.transcript(cut).warnings, cut.warnings);
      EXPECT_THAT(cut.warnings[0], Not(HasSubstr("/")));
    }
  }
}

}  // namespace
}  // namespace steno
