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

/// The parts that the use cases need. All are borrowed, thread-safe and outlive them.
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
