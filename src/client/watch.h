#pragma once

#include <stop_token>
#include <string>

#include "client/calls.h"

namespace steno::client {

/// Reads the events of one job, and connects again after each broken connection.
class JobWatch {
 public:
  JobWatch(Caller& caller, std::string job_id, JobWatcher& watcher);

  Result<JobEnd> run(const std::stop_token& stop);

 private:
  struct Connection;

  Result<net::HttpResponse> connect(Connection& connection, const std::stop_token& stop);
  Result<JobEnd> end_from_status(const std::stop_token& stop);

  Caller& caller_;
  const std::string job_id_;
  JobWatcher& watcher_;
  std::string last_event_;
  std::size_t segments_ = 0;  // passed to the watcher
};

}  // namespace steno::client
