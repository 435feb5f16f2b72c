#pragma once

#include <stdexcept>
#include <string>

namespace steno {

/// The database cannot be read or written now. `kind` says what a client can be told.
class StoreError : public std::runtime_error {
 public:
  enum class Kind { busy, no_space, other };
  StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace steno
