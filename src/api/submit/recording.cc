#include "api/submit/recording.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "api/core/errors.h"

namespace steno::api {

// Removing a large file takes a while.
Recording::~Recording() {
  auto unkept = writer_.take_unkept();
  if (!unkept) return;
  boost::asio::post(service_.upload_pool,
                    [unkept = std::move(unkept)]() mutable { unkept.reset(); });
}

http::Task<void> Recording::write(std::string_view bytes, std::uint64_t expected) {
  value_of(writer_.add(bytes));
  if (!writer_.is_full()) co_return;
  auto flush = [this, expected] { return writer_.flush(expected); };
  value_of(co_await http::offload(service_.upload_pool, flush));
}

http::Task<void> Recording::finish() {
  auto finish = [this] { return writer_.finish(); };
  value_of(co_await http::offload(service_.upload_pool, finish));
}

}  // namespace steno::api
