#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace steno::app {

/// The period during which a certificate is valid.
struct Validity {
  Time begin;
  Time end;
};

/// The period during which all certificates of a PEM file are valid. Fails with invalid_argument if
/// the file contains none.
Result<Validity> validity_of_certificates(const std::string& file);

}  // namespace steno::app
