#include "blob/blob.h"

#include <algorithm>

#include "blob/key.h"

namespace steno::blob {
namespace {

constexpr std::size_t kMostSegments = 8;
constexpr std::size_t kLongestSegment = 100;

// Not std::isalnum, which asks the locale.
bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_valid_segment(std::string_view segment) {
  return !segment.empty() && segment.size() <= kLongestSegment && is_alphanumeric(segment[0]) &&
         std::all_of(segment.begin(), segment.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

bool is_valid_key(std::string_view key) {
  for (std::size_t segments = 1; segments <= kMostSegments; ++segments) {
    const auto slash = key.find('/');
    if (!is_valid_segment(key.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
  return false;
}

Result<void> check_key(std::string_view key) {
  if (is_valid_key(key)) return {};
  return fail(Errc::invalid_argument,
              "not a key of a blob: it has 1 to 8 segments joined by '/', each of at most 100 "
              "letters, digits, '-', '_' and '.', the first a letter or digit");
}

Result<void> check_upload_id(std::string_view id) {
  if (is_valid_segment(id)) return {};
  return fail(Errc::invalid_argument,
              "not an id of an upload: it has at most 100 letters, digits, '-', '_' and '.', the "
              "first a letter or digit");
}

Result<bool> BlobStore::take_file(const std::filesystem::path&, std::string_view key) {
  return check_key(key).map([] { return false; });
}

Result<std::uint64_t> blob_size(BlobStore& store, std::string_view key) {
  return store.open(key).map([](const auto& reader) { return reader->size(); });
}

Result<void> put_blob(BlobStore& store, std::string_view key, std::string_view content) {
  auto writer = store.create(key);
  if (!writer) return tl::unexpected(writer.error());
  if (auto written = (*writer)->write(std::as_bytes(std::span(content))); !written) return written;
  return (*writer)->commit();
}

Result<std::string> get_blob(BlobStore& store, std::string_view key, std::size_t most) {
  const auto reader = store.open(key);
  if (!reader) return tl::unexpected(reader.error());
  if ((*reader)->size() > most) {
    return fail(Errc::io, std::string(key) + ": larger than the " + std::to_string(most) +
                              " bytes that are read at once");
  }
  std::string content((*reader)->size(), '\0');
  const auto count = (*reader)->read(0, std::as_writable_bytes(std::span(content)));
  if (!count) return tl::unexpected(count.error());
  if (*count != content.size()) return fail(Errc::io, std::string(key) + ": shorter than it was");
  return content;
}

}  // namespace steno::blob
