#include "jobs/pairing.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "base/id.h"
#include "blob/blob.h"
#include "store/store.h"

namespace steno {
namespace {

constexpr const char* kRow = "installation";
constexpr std::size_t kMostMarkBytes = 1000;
/// A killed service has written its last row so long before its last blob at most.
constexpr std::chrono::minutes kSlack{1};
/// Blob stores round the times of blobs.
constexpr std::chrono::seconds kFileTime{2};

constexpr std::array<std::pair<Match, std::string_view>, 6> kNames = {
    {{Match::unknown, "unknown"},
     {Match::same, "same"},
     {Match::new_database, "new_database"},
     {Match::foreign, "foreign_database"},
     {Match::older, "older_database"},
     {Match::damaged, "damaged_database"}}};

Match parse_match(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, [](const auto& row) { return row.second; });
  return found == kNames.end() ? Match::same : found->first;
}

}  // namespace

/// One side of the pair: "ID GENERATION MATCH".
struct Pairing::Mark {
  std::string id;
  int64_t generation = 0;
  Match match = Match::same;  ///< of a row: what begin() has found
  std::string text{};         ///< as it was read

  static std::optional<Mark> parse(const std::string& text) {
    std::istringstream words(text);
    Mark mark;
    std::string match;
    if (!(words >> mark.id >> mark.generation >> match)) return std::nullopt;
    mark.match = parse_match(match);
    mark.text = text;
    return mark;
  }
  std::string written() const {
    return id + " " + std::to_string(generation) + " " + std::string(to_string(match));
  }
};

std::string_view to_string(Match match) {
  return std::ranges::find(kNames, match, [](const auto& row) { return row.first; })->second;
}

std::string describe(Match match) {
  const auto held = [](std::string_view cause, std::string_view next_step) {
    std::string text(cause);
    text += "; nothing is deleted by retention or as an orphan";
    text += next_step;
    return text;
  };
  switch (match) {
    case Match::same:
      return {};
    case Match::unknown:
      return held("the database is still being compared with the blobs", "");
    case Match::new_database:
      return held("the database is new, and there are blobs of another one",
                  ": restore the database, or run steno accept blobs if this database is the right "
                  "one");
    case Match::foreign:
      return held("the blobs belong to another database",
                  ": correct store.url or blobs.url, or run steno accept blobs if this database is "
                  "the right one");
    case Match::older:
      return held("the database is older than the blobs",
                  ": restore the newest database, or run steno accept blobs if this database is "
                  "the right one");
    case Match::damaged:
      return held("the database is damaged", ": restore a backup");
  }
  return {};
}

Pairing::Pairing(Store& store, blob::BlobStore& blobs)
    : store_(store),
      blobs_(blobs),
      last_write_(store.administration().last_write()),
      opened_(SystemClock().now()) {}

Result<Match> Pairing::examine() {
  return compare().map([this](Match match) { return set(match); });
}

Result<Match> Pairing::compare() {
  // The blob first: a service that runs writes the row first.
  const auto blob = read_blob_mark();
  if (!blob) return tl::unexpected(blob.error());
  const auto row = read_row();
  if (row && row->match != Match::same) return row->match;
  // A database that was never paired: new, or restored from a copy by an earlier program.
  const Match unpaired = last_write_ ? Match::older : Match::new_database;
  if (row && *blob) {
    if (row->id != (*blob)->id) return Match::foreign;
    if (row->generation < (*blob)->generation) return Match::older;
    return last_write_ ? match_by_blobs(last_write_, Match::older) : Match::same;
  }
  if (*blob) return unpaired;
  // Blobs without a mark are those of another database, or of an earlier version of this one.
  return row ? match_by_blobs(std::nullopt, Match::foreign) : match_by_blobs(last_write_, unpaired);
}

Result<Match> Pairing::match_by_blobs(std::optional<Time> time, Match otherwise) {
  return has_blobs_after(time).map(
      [otherwise](bool found) { return found ? otherwise : Match::same; });
}

Result<bool> Pairing::has_blobs_after(std::optional<Time> time) {
  bool found = false;
  const auto visit = [&](const blob::BlobInfo& blob) {
    const bool is_known = time && blob.modified <= *time + kSlack;
    if (!is_known && blob.modified < opened_ - kFileTime) found = true;
  };
  for (const char* prefix : {"audio/", "results/", "stages/"}) {
    if (auto listed = blobs_.list(prefix, visit); !listed) return tl::unexpected(listed.error());
    if (found) break;
  }
  return found;
}

Result<Match> Pairing::begin() {
  if (!store_.administration().check()) return set(Match::damaged);
  const auto found = compare();
  if (!found) return found;
  const auto row = read_row();
  if (!row || row->match != *found) {
    Mark mark = row.value_or(Mark{new_id("steno_", opened_)});
    mark.match = *found;
    write_row(row ? std::optional(row->text) : std::nullopt, mark);
  }
  set(*found);
  return advance().map([this] { return match(); });
}

Result<void> Pairing::advance() {
  if (match() == Match::unknown || match() == Match::damaged) return {};
  const auto blob = read_blob_mark();
  if (!blob) return tl::unexpected(blob.error());
  const auto row = read_row();
  if (!row) return {};
  Match found = row->match;  // another process may have found, or accepted, something else
  if (found == Match::same && *blob && (*blob)->id != row->id) found = Match::foreign;
  if (found == Match::same && *blob && (*blob)->generation > row->generation) found = Match::older;
  if (set(found) != Match::same) return {};
  Mark next = *row;
  ++next.generation;
  if (!write_row(row->text, next)) return {};  // another process has begun it
  return write_blob_mark(blobs_, next);
}

Result<void> Pairing::mark(blob::BlobStore& copy) {
  const auto row = read_row();
  return row ? write_blob_mark(copy, *row) : Result<void>();
}

Result<void> Pairing::accept() {
  const auto blob = read_blob_mark();
  if (!blob) return tl::unexpected(blob.error());
  const auto row = read_row();
  Mark mark = row.value_or(Mark{new_id("steno_", SystemClock().now())});
  if (*blob) mark.generation = std::max(mark.generation, (*blob)->generation);
  ++mark.generation;
  mark.match = Match::same;
  if (!write_row(row ? std::optional(row->text) : std::nullopt, mark)) {
    return fail(Errc::conflict, "another process has changed the pairing; try again");
  }
  if (auto written = write_blob_mark(blobs_, mark); !written) return written;
  set(Match::same);
  return {};
}

Result<std::optional<Pairing::Mark>> Pairing::read_blob_mark() {
  const auto text = blob::get_blob(blobs_, kInstallationBlob, kMostMarkBytes);
  if (text) return Mark::parse(*text);
  if (text.error().code == Errc::not_found) return std::optional<Mark>();
  return tl::unexpected(text.error());
}

std::optional<Pairing::Mark> Pairing::read_row() const {
  const auto text = store_.state().get(kRow);
  return text ? Mark::parse(*text) : std::nullopt;
}

bool Pairing::write_row(const std::optional<std::string>& before, const Mark& mark) {
  return store_.state().replace(kRow, before, mark.written());
}

Result<void> Pairing::write_blob_mark(blob::BlobStore& blobs, const Mark& mark) {
  return blob::put_blob(blobs, kInstallationBlob, mark.written());
}

Match Pairing::match() const {
  const MutexLock lock(mutex_);
  return match_;
}

Match Pairing::set(Match match) {
  const MutexLock lock(mutex_);
  match_ = match;
  return match;
}

}  // namespace steno
