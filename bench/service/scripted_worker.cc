// scripted_worker DATA_DIR: a worker whose engine returns the same text for every recording, at
// once, so that everything except the engine is measured. Ends at SIGTERM.
#include <csignal>
#include <cstdio>

#include "app/backends.h"
#include "app/config/config.h"
#include "telemetry/log.h"
#include "unit/worker/scripted_transcriber.h"
#include "worker/worker.h"
#include "workers/worker_registry.h"

namespace {

int work(const steno::app::Settings& settings) {
  auto backends = steno::app::open_backends(settings);
  if (!backends) {
    std::fprintf(stderr, "%s\n", backends.error().message.c_str());
    return 1;
  }
  steno::WorkerOptions options;
  options.name = steno::new_worker_name();
  steno::WorkerDescription description;
  description.name = options.name;
  const auto registration = backends->workers->add(description);
  if (!registration) {
    std::fprintf(stderr, "%s\n", registration.error().message.c_str());
    return 1;
  }
  steno::ScriptedTranscriber transcriber;
  const steno::FetchAudio fetch;  // the recordings were uploaded
  steno::Log log(steno::LogLevel::error);
  steno::Worker worker({*backends->lifecycle, *backends->queue, *backends->blobs,
                        *backends->event_notifier, transcriber, fetch, log},
                       options);
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  int signal = 0;
  sigwait(&end, &signal);
  worker.stop(steno::Milliseconds(1000));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: scripted_worker DATA_DIR\n");
    return 2;
  }
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigprocmask(SIG_BLOCK, &end, nullptr);  // before any thread is started
  steno::app::ConfigFlags flags;
  flags.values = {{"DATA_DIR", "data_dir", argv[1]}};
  const auto settings = steno::app::read_config(flags, {}).checked();
  if (!settings) {
    std::fprintf(stderr, "%s\n", settings.error().message.c_str());
    return 2;
  }
  return work(*settings);
}
