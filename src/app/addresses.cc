// The registry of backends: one line for each scheme. Everything else asks these tables.

#include "app/addresses.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "app/service/service_folder.h"
#include "base/clock.h"
#include "base/file.h"
#include "blob/blob.h"
#include "blob/file/file_store.h"
#include "blob/memory/memory_store.h"
#include "notify/inotify/inotify_notifier.h"
#include "notify/memory/memory_notifier.h"
#include "queue/queue.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store_clock.h"
#include "workers/file_locks/file_lock_registry.h"
#include "workers/rows/row_registry.h"

namespace steno::app {
namespace {

namespace fs = std::filesystem;

// SQLite: one machine's, so what belongs to the store lies beside its file.

/// The folder for the notifiers and worker locks of a database: those who share the file share it.
fs::path run_folder(const Address& address) {
  const fs::path file = address.place;
  const bool is_usual = file.filename() == ServiceFolder::kDatabase;
  return file.parent_path() / (is_usual ? "run" : file.filename().string() + ".run");
}

Result<std::unique_ptr<Store>> open_file_database(const Address& address,
                                                  DatabaseObserver observe) {
  SqliteOptions options;
  options.observer = std::move(observe);
  return open_sqlite(address.place, options);
}

PlaceState look_at_database_file(const Address& address) { return look_at_file(address.place); }

std::unique_ptr<Clock> machine_clock(Store&) { return std::make_unique<SystemClock>(); }

Result<std::unique_ptr<Notifier>> notifier_file(const Address& address, const std::string& name) {
  const fs::path folder = run_folder(address);
  if (const int error = make_folder(folder, 0700); error != 0) {
    return tl::unexpected(file_error(folder, "cannot be made", error));
  }
  return open_inotify_notifier(folder / (name + ".notify"));
}

std::unique_ptr<WorkerRegistry> locked_files(const Address& address, Store&) {
  return make_file_lock_registry(run_folder(address) / "workers");
}

// Memory: everything of one process.

Result<std::unique_ptr<Store>> open_memory_database(const Address&, DatabaseObserver observe) {
  SqliteOptions options;
  options.observer = std::move(observe);
  return open_sqlite({}, options);
}

PlaceState look_at_memory(const Address&) { return {.exists = true, .complaint = {}}; }

std::unique_ptr<Clock> store_clock(Store& store) {
  return std::make_unique<StoreClock>([&store] { return store.now(); });
}

Result<std::unique_ptr<Notifier>> memory_notifier(const Address&, const std::string&) {
  return std::make_unique<MemoryNotifier>();
}

std::unique_ptr<WorkerRegistry> worker_rows(const Address&, Store& store) {
  return make_row_registry(store.workers());
}

// Blobs and queues.

Result<std::unique_ptr<blob::BlobStore>> open_blob_folder(const Address& address) {
  return blob::open_file_store(address.place);
}

PlaceState look_at_blob_folder(const Address& address) { return look_at_folder(address.place); }

/// Larger than jobs.min_free_disk_bytes, which submissions leave free here too.
constexpr std::uint64_t kMemoryForBlobs = std::uint64_t{4} << 30;

Result<std::unique_ptr<blob::BlobStore>> open_memory_blobs(const Address&) {
  return blob::make_memory_store(kMemoryForBlobs);
}

std::unique_ptr<Queue> database_queue(const Address&, const QueueParts& parts) {
  return make_database_queue(parts.jobs, parts.notifier, parts.clock);
}

std::unique_ptr<Queue> memory_queue(const Address&, const QueueParts& parts) {
  return make_memory_queue(parts.clock);
}

constexpr StoreScheme kStores[] = {
    {"sqlite", "sqlite:PATH", Reach::machine, open_file_database, look_at_database_file,
     machine_clock, notifier_file, locked_files},
    {"memory", "memory:", Reach::process, open_memory_database, look_at_memory, store_clock,
     memory_notifier, worker_rows},
};

constexpr BlobScheme kBlobs[] = {
    {"file", "file:PATH", Reach::machine, open_blob_folder, look_at_blob_folder},
    {"memory", "memory:", Reach::process, open_memory_blobs, look_at_memory},
};

constexpr QueueScheme kQueues[] = {
    {"database", "database:", Reach::machine, database_queue},
    {"memory", "memory:", Reach::process, memory_queue},
};

std::optional<Address> parsed(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  return Address{text.substr(0, colon), text.substr(colon + 1)};
}

/// The address of a setting. A place is an absolute path, because worker processes need not share
/// the folder in which the service was started. A relative one is in the data folder.
Address address_of(const std::string& url, const std::string& data_dir, Address usual) {
  if (url.empty()) return usual;
  auto address = parsed(url).value_or(Address{url, ""});
  if (!address.place.empty())
    address.place = (fs::absolute(data_dir) / address.place).lexically_normal().string();
  return address;
}

template <class Table>
auto find(const Table& table, const std::string& scheme) {
  return std::ranges::find_if(table, [&](const auto& row) { return row.name == scheme; });
}

template <class Table>
const auto& row_of(const Table& table, const Address& address) {
  const auto row = find(table, address.scheme);
  if (row == std::end(table)) throw std::invalid_argument("no backend for " + address.text());
  return *row;
}

template <class Table>
std::string forms(const Table& table) {
  std::string text;
  for (const auto& row : table) text += (text.empty() ? "" : " or ") + std::string(row.form);
  return text;
}

/// What is wrong with the address of one setting; empty if it is good.
template <class Table>
std::string complaint(const Table& table, const std::string& setting, const std::string& url) {
  if (url.empty()) return "";
  const auto address = parsed(url);
  if (!address) return setting + " must be " + forms(table) + ", not " + url;
  const auto row = find(table, address->scheme);
  if (row == std::end(table)) {
    return setting + ": the scheme \"" + address->scheme +
           ":\" is not built into this program; it can be " + forms(table);
  }
  // SQLite's own ways to say more than a path would become odd file names.
  if (address->place.starts_with(':') || address->place.find('?') != std::string::npos) {
    return setting + " must be " + std::string(row->form) + ", a plain path, not " + url;
  }
  const bool wants_place = !row->form.ends_with(':');
  if (wants_place == !address->place.empty()) return "";
  return setting + " must be " + std::string(row->form) +
         (wants_place ? ", with a path" : ", with nothing after the colon");
}

std::string with_setting(const char* setting, const Address& address) {
  return std::string(setting) + " = " + address.text();
}

/// Combinations of addresses that are right by themselves. Jobs and their recordings must end
/// together, and a queue in memory cannot wake the processes that share a database.
std::vector<std::string> complaints_about_combinations(const Settings& settings) {
  const Address store = store_address(settings);
  const Address blobs = blobs_address(settings);
  const Address queue = queue_address(settings);
  const bool keeps_jobs = scheme_of_store(store).reach != Reach::process;
  const bool keeps_blobs = scheme_of_blobs(blobs).reach != Reach::process;
  std::vector<std::string> found;
  if (keeps_jobs && !keeps_blobs) {
    found.push_back(with_setting("blobs.url", blobs) +
                    " forgets the recordings and results when steno serve ends, but " +
                    with_setting("store.url", store) +
                    " keeps their jobs; let blobs.url name a folder, or set store.url to memory:");
  }
  if (!keeps_jobs && keeps_blobs) {
    found.push_back(with_setting("store.url", store) +
                    " forgets the jobs when steno serve ends, but " +
                    with_setting("blobs.url", blobs) +
                    " keeps their recordings and results; set blobs.url to memory: too");
  }
  if (keeps_jobs && scheme_of_queue(queue).reach == Reach::process) {
    found.push_back(with_setting("queue.url", queue) + " cannot wake the workers of " +
                    with_setting("store.url", store) + "; use database:, which is the default");
  }
  return found;
}

}  // namespace

Address store_address(const Settings& settings) {
  const fs::path file =
      fs::absolute(ServiceFolder{settings.data_dir}.database()).lexically_normal();
  return address_of(settings.store.url, settings.data_dir, {"sqlite", file.string()});
}

Address blobs_address(const Settings& settings) {
  const fs::path folder = fs::absolute(ServiceFolder{settings.data_dir}.blobs()).lexically_normal();
  return address_of(settings.blobs.url, settings.data_dir, {"file", folder.string()});
}

Address queue_address(const Settings& settings) {
  return address_of(settings.queue.url, settings.data_dir, {"database", ""});
}

const StoreScheme& scheme_of_store(const Address& address) { return row_of(kStores, address); }
const BlobScheme& scheme_of_blobs(const Address& address) { return row_of(kBlobs, address); }
const QueueScheme& scheme_of_queue(const Address& address) { return row_of(kQueues, address); }

std::string store_forms() { return forms(kStores); }
std::string blob_forms() { return forms(kBlobs); }
std::string queue_forms() { return forms(kQueues); }

std::vector<std::string> complaints_about_addresses(const Settings& settings) {
  std::vector<std::string> found = {complaint(kStores, "store.url", settings.store.url),
                                    complaint(kBlobs, "blobs.url", settings.blobs.url),
                                    complaint(kQueues, "queue.url", settings.queue.url)};
  std::erase(found, "");
  return found.empty() ? complaints_about_combinations(settings) : found;
}

std::vector<std::string> settings_of_one_process(const Settings& settings) {
  std::vector<std::string> found;
  const auto note = [&](const char* setting, const Address& address, Reach reach) {
    if (reach == Reach::process) found.push_back(with_setting(setting, address));
  };
  const Address store = store_address(settings);
  const Address blobs = blobs_address(settings);
  const Address queue = queue_address(settings);
  note("store.url", store, scheme_of_store(store).reach);
  note("blobs.url", blobs, scheme_of_blobs(blobs).reach);
  note("queue.url", queue, scheme_of_queue(queue).reach);
  return found;
}

}  // namespace steno::app
