#pragma once

#include <stdexcept>
#include <string>

namespace steno {

/// The database cannot be read or written now. `kind` selects the message for clients.
class StoreError : public std::runtime_error {
 public:
  enum class Kind { busy, no_space, other };
  StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace steno
