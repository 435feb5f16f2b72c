#pragma once

#include <cstdint>
#include <string_view>

#include "api/service.h"
#include "service/recording_writer.h"

namespace steno::api {

/// One recording on its way from a request into the blob store: a service::RecordingWriter whose
/// blocking calls run on the pool. Without keep() of the writer nothing remains. Belongs to its
/// request's thread.
class Recording {
 public:
  /// `name` is the file name that the client sent.
  Recording(Service& service, std::string_view name, service::RecordingLimit limit,
            service::Hashing hashing)
      : service_(service), writer_(service.services.recordings, name, std::move(limit), hashing) {}
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Throws RequestError, as RecordingWriter::add() and flush(). `expected`: bytes that are still
  /// to come, if known, for which there must be room.
  http::Task<void> write(std::string_view bytes, std::uint64_t expected = 0);
  /// No more bytes. Throws RequestError, as RecordingWriter::finish().
  http::Task<void> finish();

  service::RecordingWriter& writer() { return writer_; }

 private:
  Service& service_;
  service::RecordingWriter writer_;
};

}  // namespace steno::api
