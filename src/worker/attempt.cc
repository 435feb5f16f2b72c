#include "worker/attempt.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/pause.h"
#include "blob/blob.h"
#include "telemetry/log.h"
#include "transcript/json.h"
#include "worker/blob_sink.h"
#include "worker/failures.h"
#include "worker/stage_blobs.h"
#include "worker/stored_audio.h"

namespace steno {
namespace {

constexpr Milliseconds kProgressEvery{500};
constexpr Milliseconds kStoreAgain{500};
constexpr std::chrono::minutes kMostPatience{10};

std::string in_words(Milliseconds time) {
  if (time.count() % 1000 != 0) return std::to_string(time.count()) + " ms";
  return std::to_string(time.count() / 1000) + " s";
}

}  // namespace

/// Passes the engine's segments and progress to the worker's thread.
class Attempt::EventSink : public steno::Sink {
 public:
  explicit EventSink(Attempt& attempt) : attempt_(attempt) {}

  void segment(const Segment& segment) override {
    std::string json = to_json_line(segment);
    json.pop_back();  // the line feed
    const std::lock_guard lock(attempt_.findings_mutex_);
    if (!is_later_) attempt_.stage_ = Stage::transcribing;
    attempt_.segments_.push_back(std::move(json));
  }

  void progress(const Progress& progress) override {
    const std::lock_guard lock(attempt_.findings_mutex_);
    if (!is_later_) attempt_.stage_ = Stage::transcribing;
    if (!progress.total || *progress.total <= 0) return;
    // 100 is reserved for the stored transcript.
    const double percent = std::min(100 * progress.done / *progress.total, 99.0);
    attempt_.progress_ = std::max(attempt_.progress_, percent);
  }

  void enter(Stage stage) override {
    is_later_ = true;
    attempt_.enter(stage);
  }

 private:
  Attempt& attempt_;
  bool is_later_ = false;  // after the transcribing stage
};

Attempt::Attempt(const WorkerParts& parts, const WorkerOptions& options, Lease lease)
    : parts_(parts),
      options_(options),
      job_(lease.job),
      time_limit_(job_.time_limit),
      is_suspect_(steno::is_suspect(job_)),
      lease_(std::move(lease)),
      stage_(parse_stage(job_.stage).value_or(Stage::loading)) {}

void Attempt::run() {
  parts_.log.info("job started", {{"job_id", job_.id}, {"attempt", job_.attempt}});
  try {
    Outcome<AttemptResult> outcome;
    try {
      outcome = work();
    } catch (const std::exception& error) {
      parts_.log.error("job broke off", {{"job_id", job_.id}, {"error", error.what()}});
      outcome = tl::unexpected(Trouble{{"internal", "the worker met an unexpected error"}});
    }
    settle(outcome);
  } catch (const std::exception& error) {
    // The lease will lapse, and the job is retried.
    parts_.log.error("job cannot be ended", {{"job_id", job_.id}, {"error", error.what()}});
  }
  is_over_ = true;
}

Attempt::Outcome<AttemptResult> Attempt::work() {
  if (job_.source.blob.empty() && !job_.source.url.empty()) {
    if (auto got = fetch(); !got) return tl::unexpected(got.error());
  }
  enter(Stage::loading);
  const auto transcript = transcribe();
  if (!transcript) return tl::unexpected(transcript.error());
  enter(Stage::storing);
  return store(*transcript);
}

Attempt::Outcome<void> Attempt::fetch() {
  enter(Stage::fetching);
  AudioSource source = job_.source;
  source.blob = fetched_audio_key(job_.id, job_.fence);
  BlobSink sink(parts_.blobs, source.blob, job_.id, parts_.log);
  const auto fetched = parts_.fetch(source.url, sink, stop_source_.get_token());
  if (!fetched) {
    const auto& error = fetched.error();
    const Retry retry = error.retry == fetch::Retry::later ? Retry::yes : Retry::no;
    return tl::unexpected(Trouble{{error.code, error.message}, retry});
  }
  if (auto committed = sink.commit(); !committed) {
    return tl::unexpected(trouble_of(committed.error()));
  }
  source.bytes = static_cast<int64_t>(fetched->bytes);
  LeaseStatus hold = LeaseStatus::lost;
  patiently([&] {
    const std::lock_guard lock(lease_mutex_);
    if (!is_settled_) hold = parts_.lifecycle.fetched(lease_, source);
  });
  if (hold == LeaseStatus::kept) {
    job_.source = source;
    return {};
  }
  stop_unless_kept(hold);
  remove(source.blob);
  return tl::unexpected(Trouble{{"cancelled", "the job was taken away"}});
}

Attempt::Outcome<Transcript> Attempt::transcribe() {
  const auto audio = open_stored_audio(parts_.blobs, job_, parts_.log);
  if (!audio) return tl::unexpected(trouble_of(audio.error()));
  if (!*audio && job_.rerun_of.empty()) {
    return tl::unexpected(Trouble{{"audio_missing", "the job's audio is gone"}, Retry::no});
  }
  EventSink sink(*this);
  StageBlobs stages(job_, parts_.blobs, parts_.log);
  auto transcript =
      parts_.transcriber.transcribe(job_, *audio, stages, sink, stop_source_.get_token());
  if (!transcript && !*audio && transcript.error().code == Errc::bad_audio) {
    return tl::unexpected(Trouble{{"audio_missing", transcript.error().message}, Retry::no});
  }
  if (!transcript) return tl::unexpected(trouble_of(transcript.error()));
  return *std::move(transcript);
}

Attempt::Outcome<AttemptResult> Attempt::store(const Transcript& transcript) {
  const std::string key = result_key(job_.id, job_.fence);
  const std::string json = to_json(transcript);
  auto put = blob::put_blob(parts_.blobs, key, json);
  // The work is done, and repeating it would not free the disk.
  const auto patience = Steady::now() + kMostPatience;
  const std::stop_token stop = stop_source_.get_token();
  while (!put && put.error().code == Errc::no_space && !stop.stop_requested() &&
         Steady::now() < patience) {
    parts_.log.warning("no room for a result", {{"job_id", job_.id}});
    pause_for(kStoreAgain, stop);
    put = blob::put_blob(parts_.blobs, key, json);
  }
  if (!put) return tl::unexpected(trouble_of(storage_error(put.error(), job_.id, parts_.log)));
  return AttemptResult{key, transcript.duration, transcript.warnings};
}

Attempt::Trouble Attempt::trouble_of(const Error& error) {
  return {{std::string(code_of(error.code)), error.message}, retry_of(error.code)};
}

void Attempt::enter(Stage stage) {
  const std::lock_guard lock(findings_mutex_);
  stage_ = stage;
}

void Attempt::pulse(Steady::time_point now) {
  if (is_over_) return;
  if (time_limit_.count() > 0 && now - begin_ >= time_limit_) stop(Stopped::timed_out);
  // The current holder of the mutex writes anyway.
  const std::unique_lock lock(lease_mutex_, std::try_to_lock);
  if (!lock || is_settled_ || now < not_before_) return;
  if (!has_updates(now) && now - reported_at_ < options_.heartbeat) return;
  try {
    tell(now);
  } catch (const std::exception& error) {
    not_before_ = now + kStoreAgain;
    parts_.log.warning("progress not stored", {{"job_id", job_.id}, {"error", error.what()}});
  }
}

bool Attempt::has_updates(Steady::time_point now) {
  const std::lock_guard lock(findings_mutex_);
  if (!segments_.empty() || to_string(stage_) != lease_.job.stage) return true;
  return progress_ > lease_.job.progress && now - progress_reported_at_ >= kProgressEvery;
}

void Attempt::tell(Steady::time_point now) {
  std::unique_lock lock(findings_mutex_);
  const std::string_view stage = to_string(stage_);
  const double progress = progress_;
  const std::vector<std::string> segments = segments_;
  lock.unlock();

  const LeaseStatus hold =
      parts_.lifecycle.advance(lease_, stage, progress, segments, first_segment_);
  stop_unless_kept(hold);
  reported_at_ = progress_reported_at_ = now;
  first_segment_ += segments.size();
  lock.lock();
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<int64_t>(segments.size()));
}

void Attempt::look() {
  if (is_over_) return;
  const std::unique_lock lock(lease_mutex_, std::try_to_lock);
  if (!lock || is_settled_) return;  // its own write will report the state
  try {
    stop_unless_kept(parts_.lifecycle.look(lease_));
  } catch (const std::exception& error) {
    parts_.log.warning("job not looked at", {{"job_id", job_.id}, {"error", error.what()}});
  }
}

void Attempt::stop_to_give_back() { stop(Stopped::given_back); }

void Attempt::give_back_now() {
  stop_to_give_back();
  const std::lock_guard lock(lease_mutex_);
  if (is_settled_ || is_over_) return;
  is_settled_ = true;
  try {
    give_back();
  } catch (const std::exception& error) {
    // Housekeeping releases the job when this process has ended.
    parts_.log.error("job not given back", {{"job_id", job_.id}, {"error", error.what()}});
  }
}

LeaseStatus Attempt::give_back() {
  const LeaseStatus status = parts_.lifecycle.give_back(lease_);
  if (status == LeaseStatus::kept) parts_.log.info("job given back", {{"job_id", job_.id}});
  return status;
}

/// A blob that stays is an orphan, which housekeeping removes.
void Attempt::remove(const std::string& key) {
  if (const auto removed = parts_.blobs.remove(key); !removed) {
    parts_.log.warning("a file is not removed",
                       {{"job_id", job_.id}, {"error", removed.error().message}});
  }
}

void Attempt::settle(const Outcome<AttemptResult>& outcome) {
  patiently([&] { settle_once(outcome); });
}

void Attempt::settle_once(const Outcome<AttemptResult>& outcome) {
  const std::lock_guard lock(lease_mutex_);
  if (is_settled_) {
    if (outcome) remove(outcome->result);
    return;
  }
  tell(Steady::now());
  const LeaseStatus hold = outcome ? parts_.lifecycle.complete(lease_, *outcome, seconds_spent())
                                   : settle_failed(outcome.error());
  is_settled_ = true;
  if (!outcome && stopped_ == Stopped::given_back) return;  // give_back() has logged it
  if (hold == LeaseStatus::kept) {
    parts_.log.info("job ended", {{"job_id", job_.id},
                                  {"status", to_string(lease_.job.state)},
                                  {"cause", outcome ? "none" : lease_.job.failure->code},
                                  {"seconds", seconds_spent()}});
  } else {
    parts_.log.info(hold == LeaseStatus::cancelled ? "job cancelled" : "job lost to another worker",
                    {{"job_id", job_.id}});
  }
}

LeaseStatus Attempt::settle_failed(const Trouble& trouble) {
  switch (stopped_) {
    case Stopped::cancelled:
      parts_.lifecycle.abandon(lease_, seconds_spent());
      return LeaseStatus::cancelled;
    case Stopped::lost:
      parts_.lifecycle.abandon(lease_, seconds_spent());
      return LeaseStatus::lost;
    case Stopped::timed_out: {
      return parts_.lifecycle.fail(
          lease_, {"timed_out", "the job took longer than its limit of " + in_words(time_limit_)},
          Retry::no, seconds_spent());
    }
    case Stopped::given_back:
      return give_back();
    default:
      return parts_.lifecycle.fail(lease_, trouble.failure, trouble.retry, seconds_spent());
  }
}

template <class Call>
void Attempt::patiently(const Call& call) {
  const auto patience = Steady::now() + kMostPatience;
  while (true) {
    try {
      call();
      return;
    } catch (const StoreError& error) {
      if (stopped_ == Stopped::given_back || Steady::now() >= patience) throw;
      parts_.log.warning("the store does not answer",
                         {{"job_id", job_.id}, {"error", error.what()}});
    }
    std::this_thread::sleep_for(kStoreAgain);
  }
}

void Attempt::stop(Stopped why) {
  Stopped none = Stopped::no;
  stopped_.compare_exchange_strong(none, why);
  stop_source_.request_stop();
}

void Attempt::stop_unless_kept(LeaseStatus hold) {
  if (hold == LeaseStatus::cancelled) stop(Stopped::cancelled);
  if (hold == LeaseStatus::lost) stop(Stopped::lost);
}

double Attempt::seconds_spent() const {
  return std::chrono::duration<double>(Steady::now() - begin_).count();
}

}  // namespace steno
