#include "service/job_changes.h"

#include <utility>

#include "jobs/lifecycle.h"
#include "store/job_store.h"
#include "telemetry/log.h"

namespace steno::service {

Outcome<Job> JobChanges::find(std::string_view owner, std::string_view id) {
  auto job = jobs_.find(id);
  if (!job || job->owner != owner) return refuse(not_found("job"));
  return *std::move(job);
}

Outcome<Job> JobChanges::find_dead_letter(std::string_view owner, std::string_view id) {
  auto job = find(owner, id);
  if (job && !job->dead_letter) return refuse(not_found("dead letter"));
  return job;
}

ServiceError JobChanges::refused(const Actor& actor, std::string_view action, std::string_view id,
                                 const Error& error, std::string_view conflict_code) {
  ServiceError refusal = error.code == Errc::conflict    ? conflict(conflict_code, error.message)
                         : error.code == Errc::not_found ? not_found("job")
                                                         : storage_error(error);
  if (error.code != Errc::conflict && error.code != Errc::not_found) {
    log_.error("a job could not be changed",
               {{"request_id", actor.request_id}, {"job_id", id}, {"error", error.message}});
  }
  audit_.add(actor, action, id, refusal.code);
  return refusal;
}

Outcome<Job> JobChanges::cancel(std::string_view owner, std::string_view id, const Actor& actor) {
  if (auto job = find(owner, id); !job) return job;
  auto cancelled = lifecycle_.cancel(id);
  if (!cancelled) {
    return refuse(refused(actor, "job.cancel", id, cancelled.error(), "job_ended"));
  }
  audit_.add(actor, "job.cancel", id);
  return *std::move(cancelled);
}

Outcome<void> JobChanges::purge(std::string_view owner, std::string_view id, const Actor& actor) {
  if (auto job = find(owner, id); !job) return refuse(job.error());
  const auto purged = lifecycle_.purge(id);
  if (!purged) return refuse(refused(actor, "job.purge", id, purged.error(), "job_not_ended"));
  audit_.add(actor, "job.purge", id);
  return {};
}

Outcome<Job> JobChanges::retry(std::string_view owner, std::string_view id, const Actor& actor) {
  if (auto job = find(owner, id); !job) return job;
  auto sent = lifecycle_.send_again(id);
  if (!sent) return refuse(refused(actor, "job.retry", id, sent.error(), "not_failed"));
  audit_.add(actor, "job.retry", id);
  return *std::move(sent);
}

Outcome<Job> JobChanges::retry_dead_letter(std::string_view owner, std::string_view id,
                                           const Actor& actor) {
  if (auto job = find_dead_letter(owner, id); !job) return job;
  return retry(owner, id, actor);
}

Outcome<void> JobChanges::discard_dead_letter(std::string_view owner, std::string_view id,
                                              const Actor& actor) {
  if (auto job = find_dead_letter(owner, id); !job) return refuse(job.error());
  const auto discarded = lifecycle_.discard(id);
  if (!discarded) {
    return refuse(refused(actor, "job.discard", id, discarded.error(), "no_dead_letter"));
  }
  audit_.add(actor, "job.discard", id);
  return {};
}

}  // namespace steno::service
