#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <numeric>

#include "base/file_lock.h"
#include "base/url.h"
#include "models/folder.h"
#include "models/hub.h"
#include "models/model_file.h"
#include "models/models.h"
#include "models/names.h"

namespace steno::models {
namespace fs = std::filesystem;
namespace {

using Stage = PullProgress::Stage;
// in a library folder; lists skip names with a dot
constexpr const char* kUnfinished = ".unfinished";

std::string in_one_part(std::string name) {
  for (auto at = name.find('/'); at != std::string::npos; at = name.find('/')) {
    name.replace(at, 1, "--");
  }
  return name;
}

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes / 1'000'000) + " MB"; }

/// One pull, from listing the files to the installed folder.
class Pull {
 public:
  Pull(const Library& library, const std::string& name, const PullOptions& options,
       const PullSink& sink, const std::stop_token& stop)
      : library_(library),
        name_(relative_folder(name)),
        sink_(sink),
        stop_(stop),
        hub_(options, stop, [this](const std::string& why) { report(Stage::retrying, why); }) {
    const CatalogueEntry* const entry = find_entry(name);
    repo_ = entry ? entry->repo : name;
    root_ = library.folders().front();
    target_ = root_ / name_;
  }

  Result<Pulled> run() {
    std::error_code error;
    fs::create_directories(root_ / kUnfinished, error);
    if (error) return fail(Errc::io, root_.string() + ": cannot be made: " + error.message());
    const auto lock = FileLock::acquire(
        root_ / kUnfinished / (in_one_part(name_) + ".lock"),
        {.at_end = FileLock::AtEnd::remove,
         .mode = 0666,
         .on_wait = [this] { report(Stage::waiting, "another pull of " + name_); },
         .stop = stop_});
    if (!lock) return tl::unexpected(lock.error());
    report(Stage::asking, repo_);
    if (auto asked = ask(); !asked) return tl::unexpected(asked.error());
    if (auto there = find_same()) return Pulled{*there, true};
    forget_other_commits();
    auto steps = download();
    if (steps) steps = check_and_prepare();
    if (steps) steps = put_in_place();
    if (!steps) return tl::unexpected(steps.error());
    return Pulled{Folder{name_, target_.string()}, false};
  }

 private:
  void report(Stage stage, const std::string& note) {
    progress_.stage = stage;
    progress_.note = note;
    if (sink_) sink_(progress_);
  }

  Result<void> ask() {
    auto listing = hub_.list(repo_);
    if (!listing) return tl::unexpected(listing.error());
    commit_ = listing->commit;
    part_ = root_ / kUnfinished / (in_one_part(name_) + "@" + commit_);
    for (const auto& name : listing->files) {
      auto file = hub_.look_up(repo_, commit_, name);
      if (!file) return tl::unexpected(file.error());
      progress_.total += file->size;
      files_.push_back(std::move(*file));
    }
    return {};
  }

  /// An installed model with exactly these files.
  std::optional<Folder> find_same() const {
    const auto found = library_.resolve(name_);
    if (!found) return std::nullopt;
    const Record record = read_record(found->path);
    if (!record.commit.empty()) {
      return record.commit == commit_ ? std::optional(*found) : std::nullopt;
    }
    for (const auto& file : files_) {
      const std::string path = (fs::path(found->path) / file.name).string();
      std::error_code none;
      if (fs::file_size(path, none) != file.size || none) return std::nullopt;
      const auto hash = hash_file(path, file.hash_kind, stop_);
      if (!hash || *hash != file.hash) return std::nullopt;
    }
    return *found;
  }

  /// Removes the remains of a pull of another commit.
  void forget_other_commits() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(root_ / kUnfinished, ignored)) {
      const bool is_ours = entry.path().filename().string().starts_with(in_one_part(name_) + "@");
      if (is_ours && entry.path() != part_) fs::remove_all(entry.path(), ignored);
    }
  }

  Result<void> check_room() const {
    std::uint64_t needed = 0;
    for (const auto& file : files_) {
      std::error_code none;
      if (fs::exists(part_ / file.name, none)) continue;
      const auto there = fs::file_size(part_ / (file.name + ".part"), none);
      needed += none || there > file.size ? file.size : file.size - there;
      // The int8 form of fp16 weights needs a little over half as much space in addition.
      if (file.name == kWeightsFile) needed += file.size * 6 / 10;
    }
    struct statvfs disk {};
    if (::statvfs(root_.c_str(), &disk) != 0) return {};
    const std::uint64_t room = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (room >= needed) return {};
    return fail(Errc::io, root_.string() + ": not enough room on the disk for " + name_ + ": " +
                              megabytes(needed) + " needed, " + megabytes(room) + " free");
  }

  Result<void> download() {
    if (auto room = check_room(); !room) return room;
    std::error_code error;
    fs::create_directories(part_, error);
    if (error) return fail(Errc::io, part_.string() + ": cannot be made: " + error.message());
    std::uint64_t before = 0;
    for (const auto& file : files_) {
      const auto on_bytes = [&](std::uint64_t bytes) {
        progress_.done = before + bytes;
        report(Stage::downloading, file.name);
      };
      const std::string path = (part_ / file.name).string();
      // A file gets its final name only after its hash has been verified.
      if (!fs::exists(path, error)) {
        if (auto done = hub_.download(file, path, on_bytes); !done) return done;
      }
      on_bytes(file.size);
      before += file.size;
    }
    return {};
  }

  Result<void> check_and_prepare() {
    report(Stage::preparing, name_);
    const auto written = prepare_for_cpu(part_.string(), stop_);
    if (!written) {
      // Complete, but not a Whisper model: a retry would not help.
      if (written.error().code == Errc::bad_model) {
        std::error_code ignored;
        fs::remove_all(part_, ignored);
      }
      return fail(written.error().code, repo_ + ": " + written.error().message);
    }
    return write_record(part_.string(), {repo_, commit_});
  }

  Result<void> put_in_place() {
    std::error_code error;
    fs::create_directories(target_.parent_path(), error);
    const bool replaces = fs::exists(target_, error);
    const unsigned how = replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, target_.c_str(), how) != 0) {
      // Some file systems support neither flag.
      const fs::path old = root_ / kUnfinished / (in_one_part(name_) + "@old");
      if (replaces) fs::rename(target_, old, error);
      if (!error) fs::rename(part_, target_, error);
      if (error) {
        std::error_code ignored;
        if (replaces) fs::rename(old, target_, ignored);
        return fail(Errc::io, target_.string() + ": cannot be made: " + error.message());
      }
    }
    forget_other_commits();
    fs::remove_all(part_, error);  // after an exchange, this is the previous content
    return {};
  }

  const Library& library_;
  std::string name_;
  std::string repo_;
  const PullSink& sink_;
  std::stop_token stop_;
  Hub hub_;
  fs::path root_;
  fs::path target_;
  fs::path part_;
  std::string commit_;
  std::vector<RemoteFile> files_;
  PullProgress progress_;
};

}  // namespace

Result<Pulled> Library::pull(const std::string& name, const PullOptions& options,
                             const PullSink& sink, const std::stop_token& stop) const {
  if (folders_.empty()) return fail(Errc::invalid_argument, "no folder to put models in");
  if (!origin(options.endpoint)) {
    return fail(Errc::invalid_argument,
                "HF_ENDPOINT must be a URL that begins with https:// or "
                "http://, not " +
                    options.endpoint);
  }
  if (find_entry(name) == nullptr && !is_repo(name)) {
    const auto nearest = nearest_name(name);
    return fail(Errc::not_found, "no model " + name + " to pull" +
                                     (nearest ? "; did you mean " + *nearest + "?" : "") +
                                     " (a name from `steno models`, or owner/repo)");
  }
  return Pull(*this, name, options, sink, stop).run();
}

}  // namespace steno::models
