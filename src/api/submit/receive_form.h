#pragma once

#include <string>
#include <vector>

#include "api/submit/receive.h"
#include "http/multipart.h"

namespace steno::api {

/// Reads multipart/form-data: files are written to recordings as they arrive, other parts are
/// fields. Private to receive().
class FormReader {
 public:
  /// `into` must outlive the reader.
  FormReader(Service& service, service::Hashing hashing, Received& into)
      : service_(service), hashing_(hashing), into_(into) {}

  /// Throws ProblemError: 400 `malformed_form`; RequestError: `too_large`, those of Recording.
  http::Task<void> read(http::Request& request);

 private:
  struct Step {
    enum class Kind { begin, data, end };
    Kind kind;
    http::PartHeader header = {};
    std::string data = {};
  };
  enum class PartKind { field, file, unknown };

  http::MultipartCallbacks callbacks();
  http::Task<void> take(const Step& step, std::uint64_t expected);
  void begin(const http::PartHeader& header);
  http::Task<void> add(const std::string& data, std::uint64_t expected);
  http::Task<void> end();

  Service& service_;
  service::Hashing hashing_;
  Received& into_;
  std::vector<Step> steps_;  ///< of the last piece of the body
  PartKind part_ = PartKind::field;
  std::string name_;
  std::string value_;
  std::size_t text_bytes_ = 0;
};

/// The largest recording of a request, by the configuration.
service::RecordingLimit recording_limit(const Service& service);

}  // namespace steno::api
