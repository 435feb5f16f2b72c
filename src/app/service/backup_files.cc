#include "app/service/backup_files.h"

#include <cstddef>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include "app/backends.h"
#include "app/service/service_folder.h"
#include "blob/file/file_store.h"
#include "jobs/orphans.h"
#include "jobs/trash.h"

namespace steno::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

Result<void> copy_blob(blob::BlobStore& from, const std::string& key, blob::BlobStore& to) {
  const auto reader = from.open(key);
  if (!reader) {
    // It was deleted since it was listed.
    if (reader.error().code == Errc::not_found) return {};
    return tl::unexpected(reader.error());
  }
  auto writer = to.create(key);
  if (!writer) return tl::unexpected(writer.error());
  std::vector<std::byte> piece(kPieceBytes);
  for (std::uint64_t done = 0; done < (*reader)->size();) {
    const auto count = (*reader)->read(done, piece);
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return fail(Errc::io, key + ": shorter than it was");
    if (auto written = (*writer)->write(std::span(piece).first(*count)); !written) return written;
    done += *count;
  }
  return (*writer)->commit();
}

/// Whether a blob belongs into a backup: not the trash.
bool is_data(const std::string& key) {
  return key.starts_with("audio/") || key.starts_with("results/") || key.starts_with("stages/") ||
         key.starts_with("unredacted/") || key == kInstallationBlob;
}

/// Copies the blobs that `to` does not have. Returns their number.
Result<int> copy_blobs(blob::BlobStore& from, blob::BlobStore& to) {
  std::vector<std::string> keys;
  const auto note = [&](const blob::BlobInfo& blob) {
    if (is_data(blob.key)) keys.push_back(blob.key);
  };
  if (auto listed = from.list("", note); !listed) return tl::unexpected(listed.error());
  int copied = 0;
  for (const std::string& key : keys) {
    if (blob::blob_size(to, key)) continue;
    if (auto done = copy_blob(from, key, to); !done) return tl::unexpected(done.error());
    ++copied;
  }
  return copied;
}

Result<std::string> back_up_all(Store& store, blob::BlobStore& blobs, Pairing& pairing,
                                const fs::path& target) {
  std::error_code error;
  if (fs::exists(target, error)) return fail(Errc::conflict, target.string() + " exists already");
  const auto folder = make_service_folder(target);
  if (!folder) return tl::unexpected(folder.error());
  const auto to = blob::open_file_store(folder->blobs());
  if (!to) return tl::unexpected(to.error());
  // The database first: a blob that it names is only missing if retention deletes it meanwhile.
  auto done = pairing.mark(**to);
  if (done) done = store.administration().backup(folder->database());
  if (done) done = pairing.advance();
  if (!done) return tl::unexpected(done.error());
  const auto copied = copy_blobs(blobs, **to);
  if (!copied) return tl::unexpected(copied.error());
  return target.string() + " holds the database and " + std::to_string(*copied) +
         " files of audio and results\n";
}

/// Pairs the restored database with the blobs if they fit exactly. Otherwise nothing is deleted
/// until the operator has confirmed it.
Result<std::string> pair_restored(const Settings& settings) {
  const auto backends = open_backends(settings);
  if (!backends) return tl::unexpected(backends.error());
  const auto inventory = take_inventory(*backends->store, *backends->blobs);
  if (!inventory) return tl::unexpected(inventory.error());
  std::string text;
  if (inventory->missing > 0) {
    text += std::to_string(inventory->missing) +
            " files of audio or results that the backup names are missing\n";
  }
  if (inventory->unnamed == 0) {
    if (auto accepted = backends->pairing->accept(); !accepted) {
      return tl::unexpected(accepted.error());
    }
    return text;
  }
  const auto match = backends->pairing->begin();
  if (!match) return tl::unexpected(match.error());
  if (*match == Match::same) return text;
  return text + std::to_string(inventory->unnamed) +
         " files are newer than the backup, and are kept; when they are not needed, "
         "steno accept blobs lets the service sweep them\n";
}

}  // namespace

Result<std::string> back_up(const Settings& settings, const std::string& target,
                            BackupContent content) {
  if (auto found = require_service_data(settings); !found) return tl::unexpected(found.error());
  const auto opened = open_store(settings);
  if (!opened) return tl::unexpected(opened.error());
  Store& store = *opened->store;
  const Address place = blobs_address(settings);
  const BlobScheme& scheme = scheme_of_blobs(place);
  // Opening a blob store makes it.
  if (!scheme.look(place).exists) {
    if (content == BackupContent::all) {
      return fail(Errc::not_found, place.place +
                                       " does not exist, so there are no audio and results to "
                                       "copy; correct blobs.url or data_dir");
    }
    return store.administration().backup(target).map([&] {
      return target + " holds the database; there are no audio and results in " + place.place +
             "\n";
    });
  }
  const auto blobs = scheme.open(place);
  if (!blobs) return tl::unexpected(blobs.error());
  Pairing pairing(store, **blobs);
  if (auto examined = pairing.examine(); !examined) return tl::unexpected(examined.error());
  if (content == BackupContent::all) return back_up_all(store, **blobs, pairing, target);
  auto done = store.administration().backup(target);
  // The copy then is of an earlier generation than the blobs.
  if (done) done = pairing.advance();
  if (!done) return tl::unexpected(done.error());
  return target + " holds the database; audio and results are in " + place.place + "\n";
}

Result<std::string> restore(const Settings& settings, const std::string& source) {
  if (const auto own = settings_of_one_process(settings); !own.empty()) {
    return fail(Errc::unavailable, own.front() + " is in the memory of steno serve");
  }
  const auto folder = make_service_folder(settings.data_dir);
  if (!folder) return tl::unexpected(folder.error());
  const auto lock = ServiceLock::take(*folder);
  if (!lock) return tl::unexpected(lock.error());
  std::error_code error;
  const bool is_folder = fs::is_directory(source, error);
  const ServiceFolder backup{source};
  const Address address = store_address(settings);
  const auto old =
      scheme_of_store(address).restore(address, is_folder ? backup.database() : fs::path(source));
  if (!old) return tl::unexpected(old.error());
  std::string text = address.place + " is restored\n";
  if (!old->empty()) text += "the database that was there is now " + old->string() + "\n";
  if (is_folder) {
    const auto from = blob::open_file_store(backup.blobs());
    if (!from) return tl::unexpected(from.error());
    const Address blobs = blobs_address(settings);
    const auto to = scheme_of_blobs(blobs).open(blobs);
    if (!to) return tl::unexpected(to.error());
    const auto copied = copy_blobs(**from, **to);
    if (!copied) return tl::unexpected(copied.error());
    text += std::to_string(*copied) + " files of audio and results are restored\n";
  }
  return pair_restored(settings).map([&](const std::string& paired) { return text + paired; });
}

}  // namespace steno::app
