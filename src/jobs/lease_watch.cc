#include "jobs/lease_watch.h"

#include <algorithm>

namespace steno {

void LeaseWatch::look(Steady::time_point now) {
  if (looks_ > 0) watched_ += std::min<Steady::duration>(now - last_, lease_ / 4);
  std::erase_if(sights_, [this](const auto& entry) { return entry.second.look < looks_; });
  last_ = now;
  ++looks_;
}

bool LeaseWatch::has_lapsed(const Job& job) {
  Sight& sight = sights_[job.id];
  const bool is_new =
      sight.look == 0 || sight.fence != job.fence || sight.heartbeats != job.heartbeats;
  if (is_new) sight = {job.fence, job.heartbeats, watched_, looks_};
  sight.look = looks_;
  return watched_ - sight.since >= lease_;
}

}  // namespace steno
