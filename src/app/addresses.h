#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/settings.h"
#include "app/places.h"
#include "base/result.h"

namespace steno {
class Clock;
class JobStore;
class Notifier;
class Queue;
class Store;
class WorkerRegistry;
namespace blob {
class BlobStore;
}
}  // namespace steno

namespace steno::app {

/// Where a backend keeps its data: "SCHEME:PLACE", such as sqlite:/var/lib/steno/steno.db.
struct Address {
  std::string scheme;
  std::string place;

  std::string text() const { return scheme + ":" + place; }
};

/// Where the users of the same data may run.
enum class Reach {
  process,  ///< the threads of one process
  machine,  ///< the processes of one machine
};

/// Receives the duration of each database call.
using DatabaseObserver = std::function<void(std::string_view operation, double seconds)>;

/// A kind of store with its clock, notifiers and worker registry. All processes that share the
/// store share these too.
struct StoreScheme {
  std::string_view name;
  std::string_view form;  ///< of its addresses, "sqlite:PATH"
  Reach reach;
  Result<std::unique_ptr<Store>> (*open)(const Address& address, DatabaseObserver observe);
  PlaceState (*look)(const Address& address);
  std::unique_ptr<Clock> (*clock)(Store& store);
  /// `name` distinguishes the notifiers of one store.
  Result<std::unique_ptr<Notifier>> (*notifier)(const Address& address, const std::string& name);
  std::unique_ptr<WorkerRegistry> (*workers)(const Address& address, Store& store);
};

/// A kind of blob store.
struct BlobScheme {
  std::string_view name;
  std::string_view form;
  Reach reach;
  Result<std::unique_ptr<blob::BlobStore>> (*open)(const Address& address);
  PlaceState (*look)(const Address& address);
};

/// The objects that a queue uses.
struct QueueParts {
  JobStore& jobs;
  Notifier& notifier;
  const Clock& clock;
};

/// A kind of queue.
struct QueueScheme {
  std::string_view name;
  std::string_view form;
  Reach reach;
  std::unique_ptr<Queue> (*open)(const Address& address, const QueueParts& parts);
};

/// The addresses of the settings store.url, blobs.url and queue.url. An empty setting is the
/// default: a database and a folder in data_dir, and the database as queue. A relative path is in
/// data_dir.
Address store_address(const Settings& settings);
Address blobs_address(const Settings& settings);
Address queue_address(const Settings& settings);

/// The kind that the address names. The address has passed complaints_about_addresses().
const StoreScheme& scheme_of_store(const Address& address);
const BlobScheme& scheme_of_blobs(const Address& address);
const QueueScheme& scheme_of_queue(const Address& address);

/// What the addresses can be, for the documentation: "sqlite:PATH or memory:".
std::string store_forms();
std::string blob_forms();
std::string queue_forms();

/// What is wrong with the addresses of the settings: a line each, with the setting and with what it
/// can be. If each is right, the combinations that would lose data or have no effect.
std::vector<std::string> complaints_about_addresses(const Settings& settings);

/// The settings whose data only one process can reach, such as "store.url = memory:"; none if all
/// of it can be shared.
std::vector<std::string> settings_of_one_process(const Settings& settings);

}  // namespace steno::app
