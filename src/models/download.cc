// One file from the host to the disk: continued, repeated, checked.

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/pause.h"
#include "base/url.h"
#include "models/hub.h"

namespace steno::models {
namespace {

/// Whether a response of status 206 holds the bytes from `start` on.
bool begins_at(const net::HttpResponse& response, std::uint64_t start) {
  return response.header("content-range").starts_with("bytes " + std::to_string(start) + "-");
}

}  // namespace

Result<void> Hub::continue_part(const RemoteFile& file, PartFile& part, const ByteSink& on_bytes) {
  const std::uint64_t start = part.size();
  bool is_first = true;
  const auto take = [&](const net::HttpResponse& response,
                        std::span<const std::byte> bytes) -> Result<void> {
    if (std::exchange(is_first, false) && start > 0) {
      // A host that does not know ranges sends all of it, with status 200.
      const bool continues = response.status == 206 && begins_at(response, start);
      if (auto emptied = continues ? Result<void>() : part.restart(); !emptied) return emptied;
      if (!continues && response.status != 200) {
        return fail(Errc::unavailable, "a different part than requested arrived");
      }
    }
    if (part.size() + bytes.size() > file.size) {
      return fail(Errc::unavailable, "more bytes arrived than announced");
    }
    if (auto written = part.append(bytes); !written) return written;
    on_bytes(part.size());
    return {};
  };
  auto wanted = request("GET", file.url);
  wanted.max_body = std::numeric_limits<std::uint64_t>::max();  // take() knows the file's size
  if (start > 0) wanted.range = net::ByteRange{start};
  const auto response = client_.send(wanted, take, stop_);
  retry_after_ = response ? response->retry_after : std::nullopt;
  if (!response) return tl::unexpected(error_of(response.error()));
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
  net::Backoff backoff(retry_);
  std::uint64_t most = part.size();
  int failures = 0;
  while (part.size() < file.size) {
    auto done = continue_part(file, part, on_bytes);
    if (done) break;
    if (done.error().code != Errc::unavailable) return done;
    // Against a host that always cuts, only bytes that were never reached before are progress.
    const bool has_advanced = part.size() > most;
    failures = has_advanced ? 1 : failures + 1;
    if (has_advanced) backoff.reset();
    most = std::max(most, part.size());
    const std::string why = file.name + ": " + done.error().message;
    if (failures >= options_.attempts) {
      return fail(Errc::unavailable, why + "; given up after " + std::to_string(failures) +
                                         " attempts, the next pull continues here");
    }
    on_retry_(why);
    pause_for(backoff.next(retry_after_), stop_);
    if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
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
    // The part of an earlier pull may be damaged. Only a download from the first byte is final.
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
