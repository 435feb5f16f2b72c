#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"

namespace steno::net {

/// libcurl's handles for one request after another, with the connections that are kept open.
/// Throws std::runtime_error if libcurl gives none. Not thread-safe.
class Handles {
 public:
  Handles();
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles();

  CURL* easy() const { return easy_; }
  CURLM* multi() const { return multi_; }

 private:
  CURL* easy_;
  CURLM* multi_;
};

/// Idle handles, by the origin of their last request. libcurl does not share connections between
/// threads, so each request borrows a pair of handles, and gets the pair that has a connection to
/// its origin if there is one. Thread-safe.
class HandlePool {
 public:
  /// Keeps at most `most_idle` pairs.
  explicit HandlePool(std::size_t most_idle) : most_idle_(most_idle) {}

  std::unique_ptr<Handles> take(const std::string& origin);
  void give_back(const std::string& origin, std::unique_ptr<Handles> handles);

 private:
  struct Idle {
    std::string origin;
    std::unique_ptr<Handles> handles;
  };

  const std::size_t most_idle_;
  Mutex mutex_;
  std::vector<Idle> idle_ GUARDED_BY(mutex_);  ///< the oldest first
};

}  // namespace steno::net
