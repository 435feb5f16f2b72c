#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "domain/job.h"

// The JSON of a job, as its owner sees it.

namespace steno::api {

/// The fields of a job in every list: all that need no further look-up.
nlohmann::ordered_json summary_of(const Job& job);

/// The further fields of the status.
struct JobDetails {
  std::string base_url;                     ///< start of links
  std::string audio_url;                    ///< empty: there is no audio
  std::optional<std::int64_t> waiting;      ///< jobs that start before this pending one
  std::optional<double> seconds_left = {};  ///< an estimate
};

nlohmann::ordered_json status_of(const Job& job, const JobDetails& details);

/// An estimate of the seconds that a processing job still needs, as of its last change: at the
/// speed of its attempt so far. Nothing before there is progress.
std::optional<double> seconds_left(const Job& job);

/// "/api/v1/jobs/ID" followed by `below`.
std::string job_path(std::string_view job_id, std::string_view below = {});

/// The JSON object in a column; null if the text is none.
nlohmann::ordered_json object_in(std::string_view column);

/// Which parts of the result the client wants, by the options of the job.
struct Shown {
  bool words = true;
  bool extra_data = true;
  bool speakers = false;
  std::string task = "transcribe";  ///< or "translate"
};
Shown shown_of(const Job& job);

}  // namespace steno::api
