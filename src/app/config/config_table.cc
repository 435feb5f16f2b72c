#include "app/config/config_table.h"

#include <algorithm>
#include <functional>

#include "app/addresses.h"
#include "app/config/config_codec.h"
#include "app/config/config_rules.h"
#include "options/option_table.h"

namespace steno::app {
namespace {

constexpr double kMostBytes = 1LL << 50;
constexpr double kDay = 86'400;

using Rows = std::vector<ConfigKey>;

// The rows of one struct within Settings. `place` returns that struct.
template <class Place>
class Group {
 public:
  Group(Rows& rows, std::string prefix, Place place)
      : rows_(rows), prefix_(std::move(prefix)), place_(place) {}

  template <class Owner, class T>
  ConfigKey& add(const std::string& name, T Owner::*field, const Codec<T>& codec,
                 const std::string& help) {
    ConfigKey row;
    row.name = prefix_ + name;
    row.help = help;
    row.allowed = codec.allowed;
    row.kind = codec.kind;
    row.get = [place = place_, field, write = codec.write](const Settings& settings) {
      return write(std::invoke(place, settings).*field);
    };
    row.put = [place = place_, field, read = codec.read](Settings& settings,
                                                         const ConfigValue& value) {
      auto checked = read(value);
      if (!checked) return false;
      std::invoke(place, settings).*field = *std::move(checked);
      return true;
    };
    rows_.push_back(std::move(row));
    return rows_.back();
  }

 private:
  Rows& rows_;
  std::string prefix_;
  Place place_;
};

void add_addresses(Rows& rows) {
  using S = AddressSettings;
  const auto address = [](std::string forms) {
    return text(or_empty({std::move(forms), any_text().fits}));
  };
  Group(rows, "store.", &Settings::store)
      .add(
          "url", &S::url, address(store_forms()),
          "Address of the database, which services on one machine may share. A relative path is in "
          "data_dir. memory: keeps nothing, needs blobs.url = memory:, and the workers are threads "
          "of `steno serve`. Empty: steno.db in data_dir");
  Group(rows, "blobs.", &Settings::blobs)
      .add("url", &S::url, address(blob_forms()),
           "Address of audio and results; services that share a database share these too. A "
           "relative path is in data_dir. memory: only with store.url = memory:. "
           "Empty: the folder blobs in data_dir");
  Group(rows, "queue.", &Settings::queue)
      .add("url", &S::url, address(queue_forms()),
           "Address of the hints that wake workers. memory: only with store.url = memory:. "
           "Empty: database:");
}

void add_server(Rows& rows) {
  using S = ServerSettings;
  Group group(rows, "server.", &Settings::server);
  group.add("listen", &S::listen, texts(listen_address(), 1),
            "Addresses to listen on; port 0: a free port");
  group.add("tls_certificate", &S::tls_certificate, text(or_empty(any_text())),
            "File with the certificate and its chain (PEM); empty: plain HTTP");
  group.add("tls_key", &S::tls_key, text(or_empty(any_text())),
            "File with the certificate's private key (PEM)");
  group.add("threads", &S::threads, whole<int>(0, 1024),
            "Network threads; 0: one per core, at most 4");
  group.add("max_upload_bytes", &S::max_upload_bytes, whole<std::uint64_t>(1, kMostBytes),
            "Largest recording that is accepted");
  group.add("max_connections", &S::max_connections, whole<int>(1, 1'000'000),
            "Most connections open at once");
  group.add("max_requests_per_key", &S::max_requests_per_key, whole<int>(1, 1'000'000),
            "Most concurrent requests of one API key, including event streams; more are refused "
            "with 429");
  group.add(
      "max_uploads_per_key", &S::max_uploads_per_key, whole<int>(1, 1'000'000),
      "Most resumable uploads of one API key that no job uses yet; more are refused with 429");
  group.add("cors_origins", &S::cors_origins, texts(web_origin()),
            "Web pages of these origins may call the API from a browser");
  group.add("open_without_key", &S::open_without_key, choice<OpenWithoutKey>({"never", "loopback"}),
            "loopback: no API key is needed. Every address of server.listen must then be a "
            "loopback address, and web pages of other origins are refused");
  group.add("public_url", &S::public_url, text(or_empty(web_address())),
            "Start of all links, for a service behind a proxy; empty: the requested host");
  group.add("shutdown_grace_s", &S::shutdown_grace, seconds(0, kDay),
            "How long jobs may continue after SIGTERM before they return to the queue");
  group.add("link_ttl_s", &S::link_ttl, seconds(1, 30 * kDay), "How long a signed link is valid");
  group.add("upload_ttl_s", &S::upload_ttl, seconds(1, 30 * kDay),
            "How long a resumable upload may take, and how long it then waits for a job");
  group.add("metrics_without_key", &S::metrics_without_key, flag(), "/metrics needs no API key");
}

void add_jobs(Rows& rows) {
  using S = JobSettings;
  Group group(rows, "jobs.", &Settings::jobs);
  group.add("max_attempts", &S::max_attempts, whole<int>(1, 100),
            "Failed attempts after which a job becomes a dead letter");
  group.add("max_losses", &S::max_losses, whole<int>(1, 1000),
            "Attempts lost with their worker process after which a job becomes a dead letter");
  group.add("retry_base_s", &S::retry_base, seconds(0.01, 3600),
            "Wait before the second attempt; doubled for each later one");
  group.add("retry_max_s", &S::retry_max, seconds(0.01, kDay), "Longest wait between two attempts");
  group.add("time_limit_s", &S::time_limit, seconds(1, 7 * kDay), "A job that runs longer fails");
  group.add("queue_ttl_s", &S::queue_ttl, seconds(1, 30 * kDay), "A job that waits longer fails");
  group.add("max_queued", &S::max_queued, whole<int>(1, 10'000'000),
            "Most waiting jobs; more are refused with 429");
  group.add("max_queued_per_key", &S::max_queued_per_key, whole<int>(1, 10'000'000),
            "Most waiting jobs of one API key; more are refused with 429");
  group.add("ageing_s", &S::ageing, seconds(0.1, kDay),
            "Waiting time that equals one step of priority");
  group.add("lease_s", &S::lease, seconds(0.1, 3600),
            "A worker that sends no heartbeat for this time loses its jobs");
  group.add("retention_audio_s", &S::retention_audio, seconds(0, 3650 * kDay),
            "Audio is deleted this long after its job has ended; 0: at once");
  group.add("retention_results_s", &S::retention_results, seconds(0, 3650 * kDay),
            "Results are deleted this long after their job has ended");
  group.add("idempotency_ttl_s", &S::idempotency_ttl, seconds(1, 30 * kDay),
            "How long an Idempotency-Key, and the job that used an upload, are remembered");
  group.add("min_free_disk_bytes", &S::min_free_disk_bytes, whole<std::uint64_t>(0, kMostBytes),
            "Uploads are refused with 507 if the disk of data_dir has less free space");
}

ConfigValue config_value(const OptionValue& value) {
  if (const auto* yes = std::get_if<bool>(&value)) return *yes;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    std::vector<std::string> list;
    for (const double number : *numbers) list.push_back(config_number(number));
    return list;
  }
  return option_text(value);
}

ConfigKind kind_of(OptionType type) {
  switch (type) {
    case OptionType::flag:
      return ConfigKind::flag;
    case OptionType::whole:
    case OptionType::number:
      return ConfigKind::number;
    case OptionType::wholes:
    case OptionType::numbers:
      return ConfigKind::numbers;
    case OptionType::text:
    case OptionType::choice:
    case OptionType::language:
    case OptionType::choices:
    case OptionType::rules:
    case OptionType::speakers:
      break;
  }
  return ConfigKind::text;
}

// The device settings have a table of their own, which `steno transcribe` uses too.
void add_device(Rows& rows) {
  for (const Option<DeviceOptions>& option : device_option_table()) {
    ConfigKey row;
    row.name = "worker." + option.name;
    row.help = option.help;
    row.allowed = option.allowed();
    row.kind = kind_of(option.type);
    row.get = [&option](const Settings& settings) {
      return config_value(option.get(settings.worker.device));
    };
    row.put = [&option](Settings& settings, const ConfigValue& value) {
      const auto checked = option.parsed(config_text(value));
      if (checked) option.put(settings.worker.device, *checked);
      return checked.has_value();
    };
    rows.push_back(std::move(row));
  }
}

void add_worker(Rows& rows) {
  using S = WorkerSettings;
  Group group(rows, "worker.", &Settings::worker);
  group.add("count", &S::count, whole<int>(0, 256),
            "Worker processes that `steno serve` starts; 0: start them with `steno worker`");
  group.add("jobs_at_once", &S::jobs_at_once, whole<int>(1, 1024),
            "Jobs that one worker runs at the same time; they share one copy of each model");
  group.add("short_reserve", &S::short_reserve, whole<int>(0, 1023),
            "Places of these that are reserved for short recordings");
  group.add("short_bytes", &S::short_bytes, whole<std::uint64_t>(0, kMostBytes),
            "A recording of at most this many bytes counts as short");
  group.add("model", &S::model, text(any_text()),
            "Model for jobs that name none: a name of `steno models`, owner/repo, or a folder");
  group.add("warm_models", &S::warm_models, texts(any_text()),
            "Models that are loaded at the start");
  group.add("model_memory_bytes", &S::model_memory_bytes, whole<std::uint64_t>(0, kMostBytes),
            "Memory for models; the least recently used one is unloaded first. A larger model is "
            "loaded if no other is loaded. 0: half of the machine's memory");
  group.add("poll_s", &S::poll, seconds(0.01, 60),
            "Interval of looking for jobs without a notification");
  group.add("heartbeat_s", &S::heartbeat, seconds(0.01, 600), "Interval of a worker's heartbeats");
  group.add("sandbox", &S::sandbox, choice<SandboxRule>({"available", "required"}),
            "Recordings are decoded in processes that can open nothing. available: also where the "
            "kernel has no seccomp, with a warning. required: no worker starts there");
  add_device(rows);
}

void add_fetch(Rows& rows) {
  using S = FetchSettings;
  Group group(rows, "fetch.", &Settings::fetch);
  group.add("max_bytes", &S::max_bytes, whole<std::uint64_t>(1, kMostBytes),
            "Largest recording that is fetched from a URL");
  group.add("timeout_s", &S::timeout, seconds(1, kDay), "Longest time to fetch a recording");
  group.add("connect_timeout_s", &S::connect_timeout, seconds(0.1, 300),
            "Longest time to connect to the host");
  group.add("max_redirects", &S::max_redirects, whole<int>(0, 20),
            "Most redirects that are followed");
  group.add(
      "allow_networks", &S::allow_networks, texts(network()),
      "Private, loopback or link-local networks that may be contacted; all others are refused");
}

void add_log(Rows& rows) {
  using S = LogSettings;
  Group group(rows, "log.", &Settings::log);
  group.add("level", &S::level, choice<LogLevel>({"debug", "info", "warning", "error"}),
            "Lowest level that is written to standard error");
  group.add("format", &S::format, choice<LogFormat>({"auto", "json", "plain"}),
            "One JSON object per line, or plain text; auto: plain on a terminal");
}

Rows built() {
  Rows rows;
  Group top(rows, "", std::identity());
  top.add("data_dir", &Settings::data_dir, text(any_text()),
          "Folder of the database, the audio and the results, unless store.url and blobs.url name "
          "others. A relative path starts at the current folder")
      .usual = "$XDG_DATA_HOME/steno or ~/.local/share/steno";
  add_addresses(rows);
  add_server(rows);
  add_jobs(rows);
  add_worker(rows);
  add_fetch(rows);
  add_log(rows);
  return rows;
}

}  // namespace

const std::vector<ConfigKey>& config_table() {
  static const Rows rows = built();
  return rows;
}

const ConfigKey* find_config_key(std::string_view name) {
  const auto& rows = config_table();
  const auto found = std::ranges::find(rows, name, &ConfigKey::name);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace steno::app
