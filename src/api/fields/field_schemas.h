#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "api/core/describe.h"

namespace steno::api {

/// JSON Schema of a submission as JSON: made of the table of fields that validates it.
nlohmann::json submission_schema();

/// The same as multipart/form-data: with `file`, and without what only JSON can say.
nlohmann::json form_schema();

/// What a rerun takes: the fields that need no hearing.
nlohmann::json rerun_schema();

/// The fields that may stand in the query.
std::vector<Parameter> field_parameters();

}  // namespace steno::api
