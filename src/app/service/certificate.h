#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace steno::app {

/// When something is good.
struct Validity {
  Time begin;
  Time end;
};

/// When all certificates of a PEM file are good. Fails with invalid_argument where it has none.
Result<Validity> validity_of_certificates(const std::string& file);

}  // namespace steno::app
