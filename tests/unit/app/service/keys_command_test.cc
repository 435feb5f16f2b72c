#include "app/service/keys_command.h"

#include <gtest/gtest.h>

#include "app/service/service_folder.h"
#include "domain/api_key.h"
#include "store/key_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"
#include "unit/base/temporary_folder.h"

namespace steno::app {
namespace {

TEST(KeysCommand, ARotatedKeyLivesNoLongerThanTheOldOne) {
  const TemporaryFolder root;
  const ServiceFolder folder = make_service_folder(root / "data").value();
  const auto store = open_sqlite(folder.database()).value();
  ApiKey old;
  old.id = "key_1";
  old.owner = "own_1";
  old.name = "guest";
  old.hash = hash_api_key("x");
  old.scopes = 3;
  old.expires_at = Time(std::chrono::hours(24 * 365 * 100));
  store->keys().add(old);

  KeysSettings settings;
  settings.action = KeysSettings::Action::rotate;
  settings.key = "guest";
  StandardOutput nowhere(-1);
  run_keys_command(settings, {{"STENO_DATA_DIR", folder.root.string()}}, nowhere, stderr);
  const auto keys = store->keys().list();
  ASSERT_EQ(keys.size(), 2u);
  for (const ApiKey& key : keys) {
    EXPECT_EQ(key.owner, "own_1");
    ASSERT_TRUE(key.expires_at) << key.id;
    EXPECT_LE(*key.expires_at, *old.expires_at);
  }
}

}  // namespace
}  // namespace steno::app
