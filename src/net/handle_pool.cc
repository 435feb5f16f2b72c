#include "net/handle_pool.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace steno::net {
namespace {

constexpr long kConnectionsOfAPair = 4;

}  // namespace

Handles::Handles() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  easy_ = curl_easy_init();
  multi_ = curl_multi_init();
  if (easy_ == nullptr || multi_ == nullptr) throw std::runtime_error("libcurl cannot be used");
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kConnectionsOfAPair);
}

Handles::~Handles() {
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
}

std::unique_ptr<Handles> HandlePool::take(const std::string& origin) {
  {
    const MutexLock lock(mutex_);
    // The latest first: its connection is the least likely to have been closed by the host.
    const auto same = std::find_if(idle_.rbegin(), idle_.rend(),
                                   [&](const Idle& idle) { return idle.origin == origin; });
    if (same != idle_.rend()) {
      auto handles = std::move(same->handles);
      idle_.erase(std::next(same).base());
      return handles;
    }
  }
  return std::make_unique<Handles>();
}

void HandlePool::give_back(const std::string& origin, std::unique_ptr<Handles> handles) {
  std::unique_ptr<Handles> oldest;  // closed without the lock
  const MutexLock lock(mutex_);
  idle_.push_back({origin, std::move(handles)});
  if (idle_.size() <= most_idle_) return;
  oldest = std::move(idle_.front().handles);
  idle_.erase(idle_.begin());
}

}  // namespace steno::net
