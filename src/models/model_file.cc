#include "models/model_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/file.h"

namespace steno::models {
namespace {

constexpr std::uint32_t kNewestVersion = 6;
constexpr std::size_t kLargestRank = 8;

/// A name from a file, made safe for printing, because damaged files can contain anything.
std::string printable(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, 80)) text += (c >= ' ' && c <= '~') ? c : '?';
  return text;
}

std::optional<DataType> type_of_id(std::uint8_t id) {
  if (id > static_cast<std::uint8_t>(DataType::bfloat16)) return std::nullopt;
  return static_cast<DataType>(id);
}

/// Before version 4, the file stores the width of an element instead of its type.
std::optional<DataType> type_of_width(std::uint8_t width) {
  switch (width) {
    case 4:
      return DataType::float32;
    case 2:
      return DataType::int16;
    case 1:
      return DataType::int8;
    default:
      return std::nullopt;
  }
}

/// The number of bytes of an array. None if a dimension is 0 or the product overflows.
std::optional<std::uint64_t> byte_size(const std::vector<std::int64_t>& shape, DataType type) {
  std::uint64_t size = item_size(type);
  for (const std::int64_t dimension : shape) {
    const auto factor = static_cast<std::uint64_t>(dimension);
    if (factor == 0 || size > std::numeric_limits<std::int64_t>::max() / factor) {
      return std::nullopt;
    }
    size *= factor;
  }
  return size;
}

}  // namespace

/// Parses the format sequentially and stops at the first error.
class ModelFileParser {
 public:
  ModelFileParser(std::span<const std::byte> bytes, const std::string& path)
      : bytes_(bytes), file_(new ModelFile) {
    file_->path_ = path;
    file_->file_size_ = bytes.size();
  }

  Result<std::shared_ptr<ModelFile>> parse() {
    if (!header() || !tensors() || !aliases()) {
      return fail(Errc::bad_model, file_->path_ + ": " + problem_);
    }
    return std::move(file_);
  }

 private:
  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool cut(const std::string& what) {
    return refuse("the file is cut off or damaged: " + what + " at byte " +
                  std::to_string(position_) + " does not fit in its " +
                  std::to_string(bytes_.size()) + " bytes");
  }

  template <class T>
  bool number(T& value, const std::string& what) {
    if (bytes_.size() - position_ < sizeof(T)) return cut(what);
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return true;
  }

  /// Reads a string with its length, which includes a terminating zero.
  bool text(std::string& value, const std::string& what) {
    std::uint16_t length = 0;
    if (!number(length, what)) return false;
    if (length == 0) return refuse("not a CTranslate2 model, or damaged: " + what + " is empty");
    if (bytes_.size() - position_ < length) return cut(what);
    value.assign(reinterpret_cast<const char*>(bytes_.data() + position_), length - 1);
    position_ += length;
    return true;
  }

  bool header() {
    std::uint32_t version = 0;
    if (!number(version, "the header")) return false;
    if (version == 0 || version > kNewestVersion) {
      return refuse("not a CTranslate2 model of binary version 1 to " +
                    std::to_string(kNewestVersion) + " (its first number is " +
                    std::to_string(version) + ")");
    }
    file_->version_ = static_cast<int>(version);
    if (version < 2) return true;
    std::uint32_t revision = 0;
    if (!text(file_->spec_, "the name of the model's kind")) return false;
    if (!number(revision, "the header")) return false;
    file_->spec_revision_ = static_cast<int>(revision & 0x7fffffff);
    return true;
  }

  bool tensors() {
    std::uint32_t count = 0;
    if (!number(count, "the number of arrays")) return false;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!tensor()) return false;
    }
    return true;
  }

  bool tensor() {
    Tensor tensor;
    if (!text(tensor.name, "the name of an array")) return false;
    const std::string what = "array " + printable(tensor.name);
    std::uint8_t rank = 0;
    if (!number(rank, what)) return false;
    if (rank > kLargestRank) {
      return refuse("damaged: " + what + " has " + std::to_string(rank) + " dimensions");
    }
    for (std::uint8_t i = 0; i < rank; ++i) {
      std::uint32_t dimension = 0;
      if (!number(dimension, what)) return false;
      tensor.shape.push_back(dimension);
    }
    return payload(std::move(tensor), what);
  }

  bool payload(Tensor tensor, const std::string& what) {
    std::uint8_t code = 0;
    std::uint32_t length = 0;
    if (!number(code, what) || !number(length, what)) return false;
    const bool typed = file_->version_ >= 4;
    const auto type = typed ? type_of_id(code) : type_of_width(code);
    if (!type) {
      return refuse("damaged: " + what + " is of unknown type " + std::to_string(code));
    }
    tensor.type = *type;
    const std::uint64_t size = typed ? length : std::uint64_t{length} * item_size(*type);
    if (byte_size(tensor.shape, *type) != size) {
      return refuse("damaged: the size of " + what + " does not match its shape");
    }
    if (bytes_.size() - position_ < size) return cut(what);
    tensor.bytes = bytes_.subspan(position_, size);
    position_ += size;
    file_->index_.emplace(tensor.name, file_->tensors_.size());
    file_->tensors_.push_back(std::move(tensor));
    return true;
  }

  bool aliases() {
    if (file_->version_ < 3) return true;
    std::uint32_t count = 0;
    if (!number(count, "the number of aliases")) return false;
    for (std::uint32_t i = 0; i < count; ++i) {
      std::string alias;
      std::string name;
      if (!text(alias, "an alias") || !text(name, "an alias")) return false;
      if (!file_->index_.contains(name)) {
        return refuse("damaged: alias " + printable(alias) + " stands for " + printable(name) +
                      ", which is not in the file");
      }
      file_->aliases_.emplace(std::move(alias), std::move(name));
    }
    return true;
  }

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  std::shared_ptr<ModelFile> file_;
  std::string problem_;
};

namespace {

tl::unexpected<Error> cannot_open(const std::string& path) {
  const int error = errno;
  const Errc code = error == ENOENT || error == ENOTDIR ? Errc::not_found : Errc::io;
  return fail(code, path + ": cannot be opened: " + std::strerror(error));
}

}  // namespace

Result<std::shared_ptr<const ModelFile>> ModelFile::open(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return cannot_open(path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return cannot_open(path);
  if (!S_ISREG(status.st_mode)) return fail(Errc::bad_model, path + ": not a file");
  if (status.st_size == 0) return fail(Errc::bad_model, path + ": the file is empty");

  const auto size = static_cast<std::size_t>(status.st_size);
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (start == MAP_FAILED) return cannot_open(path);
  std::shared_ptr<const void> mapping(
      start, [size](const void* address) { ::munmap(const_cast<void*>(address), size); });

  auto parsed = ModelFileParser({static_cast<const std::byte*>(start), size}, path).parse();
  if (!parsed) return tl::unexpected(parsed.error());
  (*parsed)->mapping_ = std::move(mapping);
  return std::shared_ptr<const ModelFile>(std::move(*parsed));
}

Result<std::shared_ptr<const ModelFile>> ModelFile::parse(std::span<const std::byte> bytes,
                                                          const std::string& name) {
  auto parsed = ModelFileParser(bytes, name).parse();
  if (!parsed) return tl::unexpected(parsed.error());
  return std::shared_ptr<const ModelFile>(std::move(*parsed));
}

const Tensor* ModelFile::find(std::string_view name) const {
  constexpr std::string_view kScale = "_scale";
  if (const auto found = index_.find(name); found != index_.end()) return &tensors_[found->second];
  if (const auto alias = aliases_.find(name); alias != aliases_.end()) {
    return &tensors_[index_.find(alias->second)->second];
  }
  if (!name.ends_with(kScale)) return nullptr;
  const auto alias = aliases_.find(name.substr(0, name.size() - kScale.size()));
  if (alias == aliases_.end()) return nullptr;
  const auto found = index_.find(alias->second + std::string(kScale));
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

}  // namespace steno::models
