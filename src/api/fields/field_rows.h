#pragma once

#include <vector>

#include "api/fields/fields.h"
#include "options/option_table.h"

// Private to the table of fields: where its rows come from.

namespace steno::api {

/// What a submission has besides decoding options.
std::vector<Field> own_fields();

/// A decoding option as a field.
Field option_field(const Option<TranscribeOptions>& option);

}  // namespace steno::api
