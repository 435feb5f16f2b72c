#pragma once

#include <string_view>

namespace steno {

/// Whether a host name always means this machine: localhost in any case, 127.0.0.0/8, ::1 (without
/// brackets). Names are not resolved.
bool is_loopback_host(std::string_view host);

}  // namespace steno
