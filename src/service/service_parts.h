#pragma once

namespace steno {

class Clock;
class Lifecycle;
class Log;
class Store;
namespace blob {
class BlobStore;
class UploadStaging;
}  // namespace blob
namespace models {
class Library;
}

namespace service {

/// What the use cases stand on. All of it is borrowed, thread-safe and outlives them.
struct ServiceParts {
  Store& store;
  Lifecycle& lifecycle;
  blob::BlobStore& blobs;
  blob::UploadStaging& staging;
  const models::Library& library;
  const Clock& clock;
  Log& log;
};

}  // namespace service
}  // namespace steno
