#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "http/task.h"

namespace steno::http {

/// Threads for blocking work.
using BlockingPool = boost::asio::thread_pool;

/// Runs `work()` on a thread of `pool` and suspends the coroutine until it has ended. Rethrows what
/// it threw. `work` must live until then. A separate function, because it compiles slowly.
Task<> run_on(BlockingPool& pool, const std::function<void()>& work);

/// Runs `function()` on a thread of `pool` and suspends the coroutine until it has ended. Returns
/// its result or rethrows what it threw. With g++ 12, name the lambda on a line of its own first:
///
///     auto find = [&store, id] { return store.find(id); };
///     const auto job = co_await offload(pool, find);
template <class F>
Task<std::invoke_result_t<F&>> offload(BlockingPool& pool, F function) {
  if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
    const std::function<void()> work = std::ref(function);
    co_await run_on(pool, work);
  } else {
    std::optional<std::invoke_result_t<F&>> result;
    const std::function<void()> work = [&result, &function] { result.emplace(function()); };
    co_await run_on(pool, work);
    co_return std::move(*result);
  }
}

}  // namespace steno::http
