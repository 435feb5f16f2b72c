#include "api/submit/receive_form.h"

#include <algorithm>
#include <utility>

#include "api/core/errors.h"

namespace steno::api {
namespace {

constexpr size_t kMostTextBytes = size_t{4} << 20;
constexpr size_t kMostParts = 256;

http::ProblemError malformed(const Error& error) {
  return http::ProblemError({400, "malformed_form", error.message});
}

}  // namespace

bool is_file_field(std::string_view name) {
  return name == "file" || name == "files" || name == "audio";
}

http::Task<void> FormReader::read(http::Request& request) {
  const auto boundary = http::multipart_boundary(request.header("Content-Type").value_or(""));
  if (!boundary) throw malformed(boundary.error());
  http::MultipartLimits limits;
  limits.parts = kMostParts;
  http::MultipartParser parser(*boundary, callbacks(), limits);
  std::uint64_t left = request.head().length.value_or(0);
  for (;;) {
    const std::string_view piece = co_await request.read_some();
    if (piece.empty()) break;
    left -= std::min<std::uint64_t>(left, piece.size());
    if (auto fed = parser.feed(piece); !fed) throw malformed(fed.error());
    for (const Step& step : steps_) co_await take(step, left);
    steps_.clear();
  }
  if (auto whole = parser.finish(); !whole) throw malformed(whole.error());
}

http::MultipartCallbacks FormReader::callbacks() {
  http::MultipartCallbacks callbacks;
  callbacks.on_part = [this](const http::PartHeader& header) -> Result<void> {
    steps_.push_back({Step::Kind::begin, header});
    return {};
  };
  callbacks.on_data = [this](std::string_view data) -> Result<void> {
    if (steps_.empty() || steps_.back().kind != Step::Kind::data) {
      steps_.push_back({Step::Kind::data});
    }
    steps_.back().data += data;
    return {};
  };
  callbacks.on_part_end = [this]() -> Result<void> {
    steps_.push_back({Step::Kind::end});
    return {};
  };
  return callbacks;
}

http::Task<void> FormReader::take(const Step& step, std::uint64_t expected) {
  switch (step.kind) {
    case Step::Kind::begin:
      begin(step.header);
      break;
    case Step::Kind::data:
      co_await add(step.data, expected);
      break;
    case Step::Kind::end:
      co_await end();
      break;
  }
}

void FormReader::begin(const http::PartHeader& header) {
  name_ = header.name;
  value_.clear();
  if (!is_file_field(name_)) {
    part_ = header.file_name ? PartKind::unknown : PartKind::field;
    if (part_ == PartKind::unknown) {
      into_.form.complain(service::plain_file_name(name_),
                          {"unknown_field", "a file must be in a part called file", ""});
    }
    return;
  }
  part_ = PartKind::file;
  if (into_.recordings.size() == kMostRecordings) {
    throw RequestError(
        {service::ErrorKind::too_large, "too_many_recordings",
         "one submission may have at most " + std::to_string(kMostRecordings) + " recordings"});
  }
  into_.recordings.push_back(std::make_unique<Recording>(service_, header.file_name.value_or(""),
                                                         recording_limit(service_), hashing_));
}

http::Task<void> FormReader::add(const std::string& data, std::uint64_t expected) {
  if (part_ == PartKind::file) {
    co_await into_.recordings.back()->write(data, expected);
  } else if (part_ == PartKind::field) {
    text_bytes_ += data.size();
    if (text_bytes_ > kMostTextBytes) {
      throw RequestError({service::ErrorKind::too_large, "fields_too_large",
                          "the fields beside the recording may have at most 4 MiB"});
    }
    value_ += data;
  }
}

http::Task<void> FormReader::end() {
  if (part_ == PartKind::file) co_await into_.recordings.back()->finish();
  if (part_ == PartKind::field) into_.form.add_text(name_, value_);
}

}  // namespace steno::api
