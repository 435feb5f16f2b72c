#include "notify/inotify/inotify_notifier.h"
#include "notify/memory/memory_notifier.h"
#include "unit/notify/notifier_contract.h"

namespace steno {
namespace {

const NotifierBackend kBackends[] = {
    {"inotify",
     [](const std::filesystem::path& folder) { return open_inotify_notifier(folder / "file"); }},
    {"memory", [](const std::filesystem::path&) { return std::make_unique<MemoryNotifier>(); }},
};

INSTANTIATE_TEST_SUITE_P(Backends, NotifierContract, testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace steno
