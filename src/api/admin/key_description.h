#pragma once

#include "api/core/describe.h"

// The description of /api/v1/keys in the API document.

namespace steno::api {

/// Defines "ApiKey" and "NewApiKey".
void define_key_schemas(Routes& routes);

Operation create_key_operation();
Operation list_keys_operation();
Operation revoke_key_operation();
Operation rotate_key_operation();

}  // namespace steno::api
