#include "worker/worker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <semaphore>
#include <thread>

#include "blob/file/file_store.h"
#include "blob/memory/memory_store.h"
#include "jobs/unredacted.h"
#include "telemetry/log.h"
#include "transcript/json.h"
#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"
#include "unit/blob/full_disk.h"
#include "unit/jobs/job_world.h"
#include "unit/notify/failing_notifier.h"
#include "unit/worker/scripted_transcriber.h"

namespace steno {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Steady = std::chrono::steady_clock;

/// Where the audio and the results are.
enum class Blobs { in_files, in_memory, without_local_files };

/// A store whose files are on another machine.
struct FarDisk : FullDisk {
  using FullDisk::FullDisk;
  std::optional<std::filesystem::path> local_path(std::string_view) override {
    return std::nullopt;
  }
};

/// A Lifecycle in memory, audio in one of the stores, and a worker.
struct WorkPlace {
  explicit WorkPlace(Blobs kind, WorkerOptions given = {})
      : disk(make_disk(kind, folder)), options(std::move(given)) {
    world.put("audio/one");
    options.name = "worker-1";
  }
  static FullDisk* make_disk(Blobs kind, const TemporaryFolder& folder) {
    if (kind == Blobs::in_memory) return new FullDisk(blob::make_memory_store());
    auto files = blob::open_file_store(folder.path()).value();
    if (kind == Blobs::in_files) return new FullDisk(std::move(files));
    return new FarDisk(std::move(files));
  }
  void start() {
    WorkerParts parts{world.lifecycle, *world.queue, *world.blobs, event_notifier,
                      transcriber,     fetch,        log};
    worker = std::make_unique<Worker>(std::move(parts), options);
  }
  std::string submit(Job job = {}) {
    if (job.source.url.empty()) job.source.blob = "audio/one";
    job.owner = "ada";
    return world.lifecycle.submit({.jobs = {std::move(job)}}).jobs.at(0).id;
  }
  bool reaches(const std::string& id, State state) {
    return until([&] { return world.job(id).state == state; });
  }
  bool is_working() {
    return until([&] { return transcriber.running > 0; });
  }

  TemporaryFolder folder;
  FullDisk* disk;  // of `world`
  JobWorld world{{}, std::unique_ptr<blob::BlobStore>(disk)};
  Log log{LogLevel::error};
  FailingNotifier event_notifier{world.event_notifier};
  WorkerOptions options;
  ScriptedTranscriber transcriber;
  FetchAudio fetch = [](const std::string&, fetch::Sink&,
                        const std::stop_token&) -> tl::expected<fetch::Fetched, fetch::FetchError> {
    return tl::unexpected(
        fetch::FetchError{"fetch_failed", "no network", fetch::FailureKind::transient});
  };
  std::unique_ptr<Worker> worker;
};

using Audio = std::optional<decode::Source>;

Result<void> until_stopped(const Job&, const Audio&, const std::stop_token& stop) {
  pause_for(60s, stop);
  return {};
}

class WorkerOverBlobs : public testing::TestWithParam<Blobs> {};

INSTANTIATE_TEST_SUITE_P(Stores, WorkerOverBlobs,
                         testing::Values(Blobs::in_files, Blobs::in_memory,
                                         Blobs::without_local_files),
                         [](const auto& info) {
                           if (info.param == Blobs::in_files) return "Files";
                           return info.param == Blobs::in_memory ? "Memory" : "WithoutLocalFiles";
                         });

TEST_P(WorkerOverBlobs, BringsAJobToItsResult) {
  WorkPlace place(GetParam());
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(place.reaches(id, State::completed));
  const Job job = place.world.job(id);
  EXPECT_EQ(job.result, result_key(id, 1));
  EXPECT_EQ(job.audio_seconds, 3);
  const auto json = blob::get_blob(*place.world.blobs, job.result, 1 << 20);
  ASSERT_TRUE(json);
  EXPECT_THAT(parse_transcript(*json)->segments, SizeIs(3));
  const auto segments = place.world.data(id, "segment");
  ASSERT_THAT(segments, SizeIs(3));
  EXPECT_EQ(segments[2]["text"], " Segment 2.");
  EXPECT_EQ(segments[2]["index"], 2);
}

TEST_P(WorkerOverBlobs, ReportsSegmentsDuringTheAttempt) {
  WorkPlace place(GetParam());
  place.transcriber.segments = 4;
  place.transcriber.on_work = until_stopped;
  place.start();
  const std::string id = place.submit();
  EXPECT_TRUE(until([&] { return place.world.data(id, "segment").size() == 2; }));
  EXPECT_TRUE(until([&] { return place.world.job(id).progress == 50; }));
  EXPECT_EQ(place.world.job(id).stage, "transcribing");
}

TEST_P(WorkerOverBlobs, GivesSignsOfLife) {
  WorkerOptions options;
  options.heartbeat = 10ms;
  WorkPlace place(GetParam(), options);
  place.transcriber.on_work = until_stopped;
  place.start();
  const std::string id = place.submit();
  EXPECT_TRUE(until([&] { return place.world.job(id).progress > 0; }));
  const int64_t heartbeats = place.world.job(id).heartbeats;
  EXPECT_TRUE(until([&] { return place.world.job(id).heartbeats > heartbeats + 2; }));
}

TEST_P(WorkerOverBlobs, StopsTheWorkOfACancelledJob) {
  WorkPlace place(GetParam());
  place.transcriber.on_work = until_stopped;
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(place.is_working());
  const auto begin = Steady::now();
  EXPECT_TRUE(place.world.lifecycle.cancel(id));
  EXPECT_TRUE(until([&] { return place.transcriber.running == 0; }));
  EXPECT_LT(Steady::now() - begin, 10s);  // one second on an idle machine
  EXPECT_TRUE(until([&] { return place.worker->running() == 0; }));
  EXPECT_EQ(place.world.job(id).state, State::cancelled);
}

TEST_P(WorkerOverBlobs, ReceivesNotificationsAgainAfterAFailure) {
  WorkerOptions options;
  options.heartbeat = 60s;  // heartbeats would also detect it
  WorkPlace place(GetParam(), options);
  place.event_notifier.fail(2);
  place.transcriber.on_work = until_stopped;
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(place.is_working());
  ASSERT_TRUE(until([&] { return place.world.job(id).progress > 0; }));
  ASSERT_TRUE(until([&] { return place.event_notifier.failures() <= 0; }));
  EXPECT_TRUE(place.world.lifecycle.cancel(id));
  EXPECT_TRUE(until([&] { return place.transcriber.running == 0; }));
}

TEST_P(WorkerOverBlobs, EndsAJobThatTakesTooLong) {
  WorkPlace place(GetParam());
  place.transcriber.on_work = until_stopped;
  place.start();
  Job given;
  given.time_limit = 50ms;
  const std::string id = place.submit(given);
  ASSERT_TRUE(place.reaches(id, State::failed));
  EXPECT_EQ(place.world.job(id).failure->code, "timed_out");
  EXPECT_FALSE(place.world.job(id).dead_letter);
}

TEST_P(WorkerOverBlobs, DistinguishesPermanentFromTemporaryFailures) {
  for (const auto& [code, name, lasts] :
       {std::tuple{Errc::bad_audio, "bad_audio", true},
        std::tuple{Errc::invalid_argument, "invalid_argument", true},
        std::tuple{Errc::bad_model, "bad_model", true},
        std::tuple{Errc::unavailable, "unavailable", false}, std::tuple{Errc::io, "io", false},
        std::tuple{Errc::no_space, "no_space", false}}) {
    WorkPlace place(GetParam());
    place.transcriber.on_work = [code = code](const Job&, const Audio& audio,
                                              const std::stop_token&) -> Result<void> {
      return fail(code, audio->name + ": it is broken");
    };
    place.start();
    Job given;
    given.source.name = "call.mp3";
    const std::string id = place.submit(given);
    ASSERT_TRUE(until([&] { return place.world.job(id).failure.has_value(); })) << name;
    const Job job = place.world.job(id);
    EXPECT_EQ(job.failure->code, name);
    EXPECT_EQ(job.state, lasts ? State::failed : State::pending) << name;
    EXPECT_EQ(job.failure->message, "call.mp3: it is broken");
  }
}

TEST_P(WorkerOverBlobs, TriesAgainWhatThrows) {
  WorkPlace place(GetParam());
  place.transcriber.on_work = [](const Job&, const Audio&, const std::stop_token&) -> Result<void> {
    throw std::runtime_error("/secret/path: out of memory");
  };
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(until([&] { return place.world.job(id).failure.has_value(); }));
  EXPECT_EQ(place.world.job(id).state, State::pending);
  EXPECT_EQ(place.world.job(id).failure->code, "internal");
  EXPECT_THAT(place.world.job(id).failure->message, Not(HasSubstr("secret")));
}

TEST_P(WorkerOverBlobs, KeepsADoneTranscriptUntilThereIsRoomForIt) {
  WorkPlace place(GetParam());
  place.disk->is_full = true;
  place.start();
  Job given;
  given.max_attempts = 1;
  const std::string id = place.submit(given);
  ASSERT_TRUE(until([&] { return place.disk->refused > 1; }));
  EXPECT_EQ(place.world.job(id).state, State::processing);
  place.disk->is_full = false;
  EXPECT_TRUE(place.reaches(id, State::completed));
}

TEST_P(WorkerOverBlobs, FailsAJobWhoseAudioIsGone) {
  WorkPlace place(GetParam());
  EXPECT_TRUE(place.world.blobs->remove("audio/one"));
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(place.reaches(id, State::failed));
  EXPECT_EQ(place.world.job(id).failure->code, "audio_missing");
}

TEST_P(WorkerOverBlobs, HandsWhatAStageHasMadeToTheNextAttempt) {
  WorkPlace place(GetParam());
  place.transcriber.stage = "words";
  place.transcriber.on_work = [](const Job& job, const Audio&,
                                 const std::stop_token&) -> Result<void> {
    if (job.attempt == 1) return fail(Errc::unavailable, "later");
    return {};
  };
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(until([&] {
    place.world.clock.advance(std::chrono::minutes(1));
    return place.world.job(id).state == State::completed;
  }));
  EXPECT_THAT(place.transcriber.found, testing::ElementsAre("", "made in attempt 1"));
  EXPECT_TRUE(place.world.has_blob(stage_output_key(id, "words")));
}

TEST_P(WorkerOverBlobs, GivesARerunItsUnredactedCopyUntilItEnds) {
  WorkPlace place(GetParam());
  place.transcriber.stage = "words";
  place.start();
  const std::string first = place.submit();
  ASSERT_TRUE(place.reaches(first, State::completed));
  std::optional<bool> has_audio;
  place.transcriber.on_work = [&](const Job&, const Audio& audio,
                                  const std::stop_token&) -> Result<void> {
    has_audio = audio.has_value();
    return {};
  };
  Job again;
  again.owner = "ada";
  again.id = new_job_id(place.world.clock.now());
  again.rerun_of = first;
  const std::string copy = unredacted_key(again.id, "words");
  ASSERT_TRUE(blob::put_blob(*place.world.blobs, copy, "words of the first"));
  const std::string second = place.world.lifecycle.submit({.jobs = {again}}).jobs.at(0).id;
  ASSERT_TRUE(place.reaches(second, State::completed));
  EXPECT_THAT(place.transcriber.found, testing::ElementsAre("", "words of the first"));
  EXPECT_EQ(has_audio, false);
  EXPECT_TRUE(until([&] { return !place.world.has_blob(copy); }));

  place.transcriber.on_work = [](const Job&, const Audio&, const std::stop_token&) -> Result<void> {
    return fail(Errc::bad_audio, "the job's audio is gone");
  };
  again.id = new_job_id(place.world.clock.now());
  const std::string third = place.world.lifecycle.submit({.jobs = {again}}).jobs.at(0).id;
  ASSERT_TRUE(place.reaches(third, State::failed));
  EXPECT_EQ(place.world.job(third).failure->code, "audio_missing");
}

TEST_P(WorkerOverBlobs, GoesOnWhenAStageCannotBeKept) {
  WorkPlace place(GetParam());
  place.transcriber.stage = "words";
  place.transcriber.on_work = [&place](const Job&, const Audio&,
                                       const std::stop_token&) -> Result<void> {
    place.disk->is_full = false;
    return {};
  };
  place.disk->is_full = true;
  place.start();
  const std::string id = place.submit();
  EXPECT_TRUE(place.reaches(id, State::completed));
  EXPECT_FALSE(place.world.has_blob(stage_output_key(id, "words")));
}

TEST_P(WorkerOverBlobs, FetchesAudioByUrl) {
  WorkPlace place(GetParam());
  place.fetch = [](const std::string& url, fetch::Sink& sink,
                   const std::stop_token&) -> tl::expected<fetch::Fetched, fetch::FetchError> {
    EXPECT_EQ(url, "https://host/a.mp3");
    const std::string half = "half", content = "whole";
    EXPECT_TRUE(sink.begin({}));
    EXPECT_TRUE(sink.write(std::as_bytes(std::span(half))));
    EXPECT_TRUE(sink.begin({}));  // the host starts again
    EXPECT_TRUE(sink.write(std::as_bytes(std::span(content))));
    return fetch::Fetched{content.size(), "audio/mpeg"};
  };
  place.start();
  Job given;
  given.source.url = "https://host/a.mp3";
  const std::string id = place.submit(given);
  ASSERT_TRUE(place.reaches(id, State::completed));
  const AudioSource source = place.world.job(id).source;
  EXPECT_EQ(source.bytes, 5);
  EXPECT_EQ(blob::get_blob(*place.world.blobs, source.blob, 100).value(), "whole");
}

TEST_P(WorkerOverBlobs, TakesTheFetchersWordForWhetherToTryAgain) {
  for (const auto kind : {fetch::FailureKind::transient, fetch::FailureKind::permanent}) {
    WorkPlace place(GetParam());
    place.fetch = [kind](
                      const std::string&, fetch::Sink&,
                      const std::stop_token&) -> tl::expected<fetch::Fetched, fetch::FetchError> {
      return tl::unexpected(fetch::FetchError{"fetch_x", "host: no", kind});
    };
    place.start();
    Job given;
    given.source.url = "https://host/a.mp3";
    const std::string id = place.submit(given);
    ASSERT_TRUE(until([&] { return place.world.job(id).failure.has_value(); }));
    EXPECT_EQ(place.world.job(id).failure, (Failure{"fetch_x", "host: no"}));
    EXPECT_EQ(place.world.job(id).state,
              kind == fetch::FailureKind::transient ? State::pending : State::failed);
  }
}

TEST_P(WorkerOverBlobs, NamesNoPathWhenADownloadCannotBeStored) {
  WorkPlace place(GetParam());
  place.disk->is_full = true;
  place.fetch = [](const std::string&, fetch::Sink& sink,
                   const std::stop_token&) -> tl::expected<fetch::Fetched, fetch::FetchError> {
    const auto begun = sink.begin({});
    EXPECT_FALSE(begun);
    return tl::unexpected(fetch::FetchError{"fetch_storage_full", begun.error().message,
                                            fetch::FailureKind::transient});
  };
  place.start();
  Job given;
  given.source.url = "https://host/a.mp3";
  const std::string id = place.submit(given);
  ASSERT_TRUE(until([&] { return place.world.job(id).failure.has_value(); }));
  EXPECT_EQ(place.world.job(id).failure,
            (Failure{"fetch_storage_full", "there is no room left on the server"}));
}

TEST_P(WorkerOverBlobs, KeepsPlacesForShortRecordings) {
  WorkerOptions options;
  options.jobs_at_once = 3;
  options.short_reserve = 1;
  options.short_bytes = 100;
  WorkPlace place(GetParam(), options);
  place.transcriber.on_work = [](const Job& job, const Audio& audio,
                                 const std::stop_token& stop) -> Result<void> {
    return job.source.bytes > 100 ? until_stopped(job, audio, stop) : Result<void>();
  };
  place.start();
  Job given;
  given.source.bytes = 1000;
  for (int i = 0; i < 3; ++i) place.submit(given);
  EXPECT_TRUE(until([&] { return place.worker->running() == 2; }));
  given.source.bytes = 10;
  EXPECT_TRUE(place.reaches(place.submit(given), State::completed));
  EXPECT_TRUE(until([&] { return place.worker->running() == 2; }));
}

TEST_P(WorkerOverBlobs, GivesNoPlaceOfShortRecordingsToOneOfUnknownLength) {
  WorkerOptions options;
  options.jobs_at_once = 2;
  options.short_reserve = 1;
  options.short_bytes = 100;
  WorkPlace place(GetParam(), options);
  place.fetch = [](const std::string&, fetch::Sink&,
                   const std::stop_token& stop) -> tl::expected<fetch::Fetched, fetch::FetchError> {
    pause_for(60s, stop);
    return tl::unexpected(
        fetch::FetchError{"fetch_failed", "stopped", fetch::FailureKind::transient});
  };
  place.start();
  Job remote;
  remote.source.url = "https://host/a.mp3";
  for (int i = 0; i < 2; ++i) place.submit(remote);
  ASSERT_TRUE(until([&] { return place.worker->running() == 1; }));
  Job given;
  given.source.bytes = 10;
  EXPECT_TRUE(place.reaches(place.submit(given), State::completed));
}

TEST_P(WorkerOverBlobs, FillsAPlaceThatBecomesFreeWithoutWaitingForNews) {
  WorkerOptions options;
  options.jobs_at_once = 2;
  options.short_reserve = 1;
  options.short_bytes = 100;
  options.poll = 60s;
  WorkPlace place(GetParam(), options);
  place.transcriber.each = 5ms;
  place.start();
  Job given;
  given.source.bytes = 1000;
  const std::string first = place.submit(given);
  const std::string second = place.submit(given);
  EXPECT_TRUE(place.reaches(first, State::completed));
  EXPECT_TRUE(place.reaches(second, State::completed));
  EXPECT_EQ(place.transcriber.most_running, 1);
}

TEST_P(WorkerOverBlobs, RunsOnlyOneJobThatMayKillIt) {
  WorkPlace place(GetParam());
  place.transcriber.on_work = until_stopped;
  std::vector<std::string> ids = {place.submit(), place.submit()};
  for (int loss = 0; loss < 2; ++loss) {
    for (const std::string& id : ids) place.world.claim(id, "dead");
    place.world.lifecycle.lost_worker("dead");
  }
  place.world.clock.advance(std::chrono::minutes(1));
  place.start();
  const std::string other = place.submit();
  ASSERT_TRUE(place.reaches(other, State::processing));
  const auto has_been_put_off = [&](const std::string& id) {
    const Job job = place.world.job(id);
    return job.state == State::pending && job.available_at > place.world.clock.now();
  };
  ASSERT_TRUE(until([&] { return has_been_put_off(ids[0]) || has_been_put_off(ids[1]); }));
  if (has_been_put_off(ids[0])) std::swap(ids[0], ids[1]);
  EXPECT_EQ(place.world.job(ids[0]).state, State::processing);
  EXPECT_TRUE(place.world.lifecycle.cancel(ids[0]));
  ASSERT_TRUE(until([&] { return place.worker->running() == 1; }));
  place.world.clock.advance(std::chrono::minutes(1));
  place.world.queue->wake();
  EXPECT_TRUE(place.reaches(ids[1], State::processing));
}

TEST_P(WorkerOverBlobs, LetsJobsEndWithinTheGrace) {
  WorkPlace place(GetParam());
  place.transcriber.each = 20ms;
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(place.is_working());
  place.worker->stop(60s);
  EXPECT_EQ(place.world.job(id).state, State::completed);
  const std::string late = place.submit();
  EXPECT_EQ(place.world.job(late).state, State::pending);
}

TEST_P(WorkerOverBlobs, GivesJobsBackAfterTheGrace) {
  WorkPlace place(GetParam());
  place.transcriber.on_work = until_stopped;
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(place.is_working());
  std::jthread patient([&] { place.worker->stop(std::chrono::hours(1)); });
  place.worker->stop(10ms);
  EXPECT_EQ(place.world.job(id).state, State::pending);
  EXPECT_EQ(place.world.job(id).attempt, 0);
  EXPECT_EQ(place.worker->running(), 0);
}

TEST_P(WorkerOverBlobs, GivesAJobBackOnlyWhenItsCheckpointIsKept) {
  WorkPlace place(GetParam());
  State state_at_the_end = State::failed;
  std::binary_semaphore begun(0);
  place.transcriber.on_work = [&](const Job& job, const auto&, const std::stop_token& stop) {
    begun.release();
    pause_for(60s, stop);
    std::this_thread::sleep_for(200ms);  // writes the checkpoint
    state_at_the_end = place.world.job(job.id).state;
    return Result<void>();
  };
  place.start();
  const std::string id = place.submit();
  begun.acquire();
  place.worker->stop(0ms);
  EXPECT_EQ(state_at_the_end, State::processing);
  EXPECT_EQ(place.world.job(id).state, State::pending);
  EXPECT_EQ(place.world.job(id).losses, 0);
}

/// A model that does not stop: the next worker does not wait for it.
TEST_P(WorkerOverBlobs, GivesAJobBackWithinFiveSecondsWhateverItsThreadDoes) {
  WorkPlace place(GetParam());
  std::binary_semaphore end(0);
  place.transcriber.on_work = [&](const Job&, const auto&, const std::stop_token&) {
    end.acquire();
    return Result<void>();
  };
  place.start();
  const std::string id = place.submit();
  ASSERT_TRUE(place.is_working());
  const auto begin = Steady::now();
  std::jthread stopping([&] { place.worker->stop(0ms); });
  EXPECT_TRUE(place.reaches(id, State::pending));
  EXPECT_LT(Steady::now() - begin, 5s);
  end.release();
}

}  // namespace
}  // namespace steno
