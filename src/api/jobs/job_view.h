#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "domain/job.h"

// How a job looks to its owner.

namespace steno::api {

/// What every list shows of a job: all of it but what has to be looked up.
nlohmann::ordered_json summary_of(const Job& job);

/// What the status shows besides.
struct JobDetails {
  std::string base_url;                     ///< of links
  std::string audio_url;                    ///< empty: there is no audio to be had
  std::optional<std::int64_t> waiting;      ///< jobs that start before this pending one
  std::optional<double> seconds_left = {};  ///< an estimate
};

nlohmann::ordered_json status_of(const Job& job, const JobDetails& details);

/// How long a processing job has left if it goes on as fast as its attempt did so far, as of its
/// last change; nothing before there is progress.
std::optional<double> seconds_left(const Job& job);

/// "/api/v1/jobs/ID", and what lies below it.
std::string job_path(std::string_view job_id, std::string_view below = {});

/// The JSON text of a column that holds an object: the object, or null for what is none.
nlohmann::ordered_json object_in(std::string_view column);

/// What the client has asked the result to show, by the options stored with the job.
struct Shown {
  bool words = true;
  bool extra_data = true;
  bool speakers = false;
  std::string task = "transcribe";  ///< or "translate"
};
Shown shown_of(const Job& job);

}  // namespace steno::api
