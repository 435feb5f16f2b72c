// One file from the host to the disk: continued, repeated, checked.

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/pause.h"
#include "base/url.h"
#include "models/hub.h"

namespace steno::models {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLongestWait{30000};
constexpr int kLongestRetryAfterSeconds = 60;

/// Whether an answer with status 206 holds the bytes from `start` on.
bool begins_at(const HttpResponse& response, std::uint64_t start) {
  return response.header("content-range").starts_with("bytes " + std::to_string(start) + "-");
}

/// The seconds of a Retry-After header, 0 where there is none or it is a date.
int seconds_of(const std::string& retry_after) {
  int seconds = 0;
  std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  return std::clamp(seconds, 0, kLongestRetryAfterSeconds);
}

}  // namespace

Result<void> Hub::pause(int failures, const std::string& why) {
  on_retry_(why);
  const milliseconds doubled = options_.first_wait * (1LL << std::min(failures - 1, 10));
  const milliseconds wait = std::max<milliseconds>(std::min(doubled, kLongestWait),
                                                   std::chrono::seconds(seconds_of(retry_after_)));
  pause_for(wait, stop_);
  if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
  return {};
}

Result<void> Hub::continue_part(const RemoteFile& file, PartFile& part, const ByteSink& on_bytes) {
  const std::uint64_t start = part.size();
  bool is_first = true;
  const auto take = [&](const HttpResponse& response,
                        std::span<const std::byte> bytes) -> Result<void> {
    if (std::exchange(is_first, false) && start > 0) {
      // A host that does not know ranges sends all of it, with status 200.
      const bool continues = response.status == 206 && begins_at(response, start);
      if (auto emptied = continues ? Result<void>() : part.restart(); !emptied) return emptied;
      if (!continues && response.status != 200) {
        return fail(Errc::unavailable, "another part than asked for came");
      }
    }
    if (part.size() + bytes.size() > file.size) {
      return fail(Errc::unavailable, "more bytes came than announced");
    }
    if (auto written = part.append(bytes); !written) return written;
    on_bytes(part.size());
    return {};
  };
  const auto response = follow({.url = file.url, .range_from = start}, take);
  retry_after_ = response ? response->header("retry-after") : "";
  if (!response) return tl::unexpected(response.error());
  if (response->status == 416) {
    if (auto emptied = part.restart(); !emptied) return emptied;
  } else if (response->status == 401 || response->status == 404) {
    return fail(Errc::not_found, refusal(*response, file.name).message);
  }
  if (response->status / 100 == 2 && part.size() == file.size) return {};
  return fail(Errc::unavailable, response->status / 100 == 2
                                     ? "the connection ended early"
                                     : "status " + std::to_string(response->status));
}

Result<void> Hub::complete(const RemoteFile& file, PartFile& part, const ByteSink& on_bytes) {
  if (part.size() > file.size) {
    if (auto emptied = part.restart(); !emptied) return emptied;
  }
  std::uint64_t most = part.size();
  int failures = 0;
  while (part.size() < file.size) {
    auto done = continue_part(file, part, on_bytes);
    if (done) break;
    if (done.error().code != Errc::unavailable) return done;
    // Against a host that always cuts, only what was never reached before counts as progress.
    failures = part.size() > most ? 1 : failures + 1;
    most = std::max(most, part.size());
    const std::string why = file.name + ": " + done.error().message;
    if (failures >= options_.attempts) {
      return fail(Errc::unavailable, why + "; given up after " + std::to_string(failures) +
                                         " attempts, the next pull continues here");
    }
    if (auto waited = pause(failures, why); !waited) return waited;
  }
  return {};
}

Result<void> Hub::download(const RemoteFile& file, const std::string& path,
                           const ByteSink& on_bytes) {
  auto part = PartFile::open(path);
  if (!part) return tl::unexpected(part.error());
  for (;;) {
    const bool was_there = part->size() > 0;
    on_bytes(part->size());
    if (auto all = complete(file, *part, on_bytes); !all) return all;
    const auto hash = hash_file(part->part_path(), file.hash_kind, stop_);
    if (!hash) return tl::unexpected(hash.error());
    if (*hash == file.hash) return part->finish();
    if (auto emptied = part->restart(); !emptied) return emptied;
    // What lay there from an earlier pull may be to blame, and is not asked twice.
    if (was_there) {
      on_retry_(file.name + ": what an earlier pull left is damaged");
      continue;
    }
    std::error_code ignored;
    std::filesystem::remove(part->part_path(), ignored);
    return fail(Errc::bad_model, file.name + ": what " + host_of(options_.endpoint) +
                                     " sent does not have the hash that it gives for it (" + *hash +
                                     " instead of " + file.hash + "); nothing is kept");
  }
}

}  // namespace steno::models
