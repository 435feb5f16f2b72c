#include "http/offload.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace steno::http {

Task<> run_on(BlockingPool& pool, const std::function<void()>& work) {
  auto body = [&work]() -> Task<> {
    work();
    co_return;
  };
  co_await boost::asio::co_spawn(pool, std::move(body), boost::asio::use_awaitable);
}

}  // namespace steno::http
