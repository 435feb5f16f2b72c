#pragma once

#include <vector>

#include "api/fields/fields.h"
#include "options/option_table.h"

// The sources of the field table's rows. Private to the table.

namespace steno::api {

/// The fields of a submission that are not decoding options.
std::vector<Field> own_fields();

/// Converts a decoding option to a field.
Field option_field(const Option<TranscribeOptions>& option);

}  // namespace steno::api
