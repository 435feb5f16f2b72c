#include "store/sqlite/sqlite_store.h"
#include "unit/store/store_contract.h"

namespace steno {
namespace {

const StoreBackend kBackends[] = {
    {"sqlite_file",
     [](const std::filesystem::path& folder) { return open_sqlite(folder / "steno.db").value(); }},
    {"sqlite_in_memory", [](const std::filesystem::path&) { return open_sqlite({}).value(); }},
};

INSTANTIATE_TEST_SUITE_P(Backends, StoreContract, testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace steno
