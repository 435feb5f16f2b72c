#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "api/core/describe.h"

namespace steno::api {

/// JSON Schema of a submission as JSON, made from the table of fields that validates it.
nlohmann::json submission_schema();

/// The same as multipart/form-data: with `file`, and without fields that only JSON can hold.
nlohmann::json form_schema();

/// The fields of a rerun: those that apply after recognition.
nlohmann::json rerun_schema();

/// The fields that may be in the query.
std::vector<Parameter> field_parameters();

}  // namespace steno::api
