#include "store/sqlite/sqlite_store.h"
#include "unit/store/store_contract.h"

namespace steno {
namespace {

const StoreBackend kBackends[] = {
    {.name = "sqlite_file",
     .open =
         [](const std::filesystem::path& folder) {
           return open_sqlite(folder / "steno.db").value();
         }},
    {.name = "sqlite_in_memory",
     .open = [](const std::filesystem::path&) { return open_sqlite({}).value(); },
     .has_handles = false},
};

std::string name_of(const testing::TestParamInfo<StoreBackend>& backend) {
  return backend.param.name;
}

INSTANTIATE_TEST_SUITE_P(Stores, SubmissionContract, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, JobStoreContract, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, JobListContract, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, ClaimContract, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, EventLogContract, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, RecordsContract, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, AdministrationContract, testing::ValuesIn(kBackends), name_of);

}  // namespace
}  // namespace steno
