#pragma once

#include <boost/asio/awaitable.hpp>

namespace steno::http {

/// A coroutine of the server. It runs on the thread of its connection, so what belongs to one
/// request needs no lock, and must not block it: what blocks goes through offload().
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace steno::http
