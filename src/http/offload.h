#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "http/task.h"

namespace steno::http {

/// Threads for what blocks.
using BlockingPool = boost::asio::thread_pool;

/// Runs `function()` on a thread of `pool`, waits without blocking this one, and returns its result
/// or throws what it threw. With g++ 12 name the lambda on a line of its own first:
///
///     auto find = [&store, id] { return store.find(id); };
///     const auto job = co_await offload(pool, find);
template <class F>
Task<std::invoke_result_t<F&>> offload(BlockingPool& pool, F function) {
  auto body = [&function]() -> Task<std::invoke_result_t<F&>> { co_return function(); };
  co_return co_await boost::asio::co_spawn(pool, std::move(body), boost::asio::use_awaitable);
}

}  // namespace steno::http
