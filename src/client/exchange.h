#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/transfer.h"
#include "client/client.h"

namespace steno::client {

class UploadFile;

/// One request to the service.
struct Request {
  const char* method = "GET";
  std::string path;  ///< below the service's address, with the query
  Fields headers = {};
  const Fields* form = nullptr;  ///< sent as multipart/form-data, `file` last if there is one
  UploadFile* file = nullptr;
  /// Without a byte for so long the connection is given up; 0: never.
  std::chrono::seconds stall{60};
  /// Takes the body of a 200 piece by piece; without it the answer has it.
  std::function<void(std::string_view)> sink = nullptr;
  /// How long after `stop` the answer to a request that is wholly sent is still waited for.
  std::chrono::milliseconds answer_grace{0};
};

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  /// A header's value, empty if it is not there.
  std::string header(const std::string& name) const;
};

/// A connection to the service, made again when it is needed.
class Exchange {
 public:
  explicit Exchange(Server server) : server_(std::move(server)) {}

  /// Any status is an answer. `unavailable` where the service cannot be reached or the connection
  /// was cut, `io` for a file that cannot be read, `cancelled`.
  Result<Answer> send(const Request& request, const std::stop_token& stop);

  const Server& server() const { return server_; }
  /// Whether the address has ever been that of a server.
  bool has_reached() const { return has_reached_; }

 private:
  Server server_;
  bool has_reached_ = false;
  TransferHandle transfer_;
};

/// "a=b&c=d", each part escaped.
std::string query_text(const Fields& fields);
/// One segment of a path, escaped.
std::string escaped(std::string_view text);

}  // namespace steno::client
