#pragma once

#include <boost/asio/awaitable.hpp>

namespace steno::http {

/// A coroutine of the server. It runs on its connection's thread, so the state of one request needs
/// no lock. It must not block that thread: blocking work goes through offload().
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace steno::http
