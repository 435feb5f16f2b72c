#include "http/multipart.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace steno::http {
namespace {

using ::testing::HasSubstr;

struct Part {
  PartHeader header;
  std::string data;
  bool ended = false;
};

struct Outcome {
  std::vector<Part> parts;
  std::string error;  // "" for none
};

MultipartCallbacks collect(std::vector<Part>& parts) {
  MultipartCallbacks callbacks;
  callbacks.on_part = [&parts](const PartHeader& header) -> Result<void> {
    parts.push_back({header, "", false});
    return {};
  };
  callbacks.on_data = [&parts](std::string_view data) -> Result<void> {
    EXPECT_FALSE(data.empty());
    parts.back().data += data;
    return {};
  };
  callbacks.on_part_end = [&parts]() -> Result<void> {
    parts.back().ended = true;
    return {};
  };
  return callbacks;
}

Outcome parse(const std::vector<std::string>& pieces, MultipartLimits limits = {}) {
  Outcome outcome;
  MultipartParser parser("XX", collect(outcome.parts), limits);
  for (const std::string& piece : pieces) {
    if (const auto fed = parser.feed(piece); !fed) {
      outcome.error = fed.error().message;
      EXPECT_FALSE(parser.feed("more").has_value()) << "a failure is final";
      return outcome;
    }
  }
  if (const auto end = parser.finish(); !end) outcome.error = end.error().message;
  return outcome;
}

std::string form() {
  return "--XX\r\n"
         "Content-Disposition: form-data; name=\"language\"\r\n\r\n"
         "he\r\n"
         "--XX  \r\n"
         "content-disposition: FORM-DATA; filename=\"a \\\"b\\\" c:\\d.wav\"; name=file\r\n"
         "Content-Type: audio/wav\r\n\r\n"
         "\r\n--X\r\n-\r\n--XY\r\r\n"
         "--XX\r\n"
         "Content-Disposition: form-data; name=\"\"\r\n\r\n"
         "\r\n"
         "--XX--\r\nepilogue";
}

void expect_form(const Outcome& outcome) {
  ASSERT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.parts.size(), 3U);
  EXPECT_EQ(outcome.parts[0].header.name, "language");
  EXPECT_EQ(outcome.parts[0].header.file_name, std::nullopt);
  EXPECT_EQ(outcome.parts[0].data, "he");
  EXPECT_EQ(outcome.parts[1].header.name, "file");
  EXPECT_EQ(outcome.parts[1].header.file_name, "a \"b\" c:\\d.wav");
  EXPECT_EQ(outcome.parts[1].header.content_type, "audio/wav");
  EXPECT_EQ(outcome.parts[1].data, "\r\n--X\r\n-\r\n--XY\r");
  EXPECT_EQ(outcome.parts[2].data, "");
  for (const Part& part : outcome.parts) EXPECT_TRUE(part.ended);
}

TEST(Multipart, TakesAFormApart) { expect_form(parse({form()})); }

TEST(Multipart, DoesNotMindWhereTheBytesAreSplit) {
  const std::string text = form();
  for (std::size_t at = 0; at <= text.size(); ++at) {
    SCOPED_TRACE(at);
    expect_form(parse({text.substr(0, at), text.substr(at)}));
  }
}

TEST(Multipart, TakesOneByteAtATime) {
  std::vector<std::string> bytes;
  for (const char c : form()) bytes.emplace_back(1, c);
  expect_form(parse(bytes));
}

TEST(Multipart, CountsAHeaderAlikeHoweverItIsSplit) {
  const std::string header = "Content-Disposition: form-data; name=a";
  const std::string text = "--XX\r\n" + header + "\r\n\r\nx\r\n--XX--";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const std::vector<std::string> pieces = {text.substr(0, at), text.substr(at)};
    EXPECT_EQ(parse(pieces, {.header_bytes = header.size() + 2}).error, "") << at;
    EXPECT_NE(parse(pieces, {.header_bytes = header.size() + 1}).error, "") << at;
  }
}

TEST(Multipart, PassesOverAPreamble) {
  const auto outcome = parse({"ignore me --XX\r\n", "--XX--"});
  EXPECT_EQ(outcome.error, "");
  EXPECT_TRUE(outcome.parts.empty());
}

TEST(Multipart, PassesDataOnAsItComes) {
  std::vector<Part> parts;
  MultipartParser parser("XX", collect(parts));
  ASSERT_TRUE(parser.feed("--XX\r\nContent-Disposition: form-data; name=f\r\n\r\n"));
  ASSERT_TRUE(parser.feed(std::string(100000, 'a')));
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_GE(parts[0].data.size(), 100000 - std::string("\r\n--XX").size());
}

TEST(Multipart, SaysWhatIsWrong) {
  const std::string disposition = "Content-Disposition: form-data; name=a\r\n";
  const auto error = [](const std::string& text, MultipartLimits limits = {}) {
    return parse({text}, limits).error;
  };
  EXPECT_THAT(error(""), HasSubstr("closing boundary"));
  EXPECT_THAT(error("--XX\r\n" + disposition + "\r\nhalf"), HasSubstr("closing boundary"));
  EXPECT_THAT(error("--XXYY\r\n"), HasSubstr("does not end its line"));
  EXPECT_THAT(error("--XX\r\n\r\n"), HasSubstr("no Content-Disposition"));
  EXPECT_THAT(error("--XX\r\nContent-Type: a/b\r\n\r\n"), HasSubstr("no Content-Disposition"));
  EXPECT_THAT(error("--XX\r\n" + disposition + disposition + "\r\n"), HasSubstr("two"));
  EXPECT_THAT(error("--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n"),
              HasSubstr("form-data"));
  EXPECT_THAT(error("--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n"),
              HasSubstr("form-data"));
  EXPECT_THAT(error("--XX\r\nno colon\r\n\r\n"), HasSubstr("header line"));
  EXPECT_THAT(error("--XX\r\nA: b\nC: d\r\n\r\n"), HasSubstr("header line"));
  EXPECT_THAT(error("--XX\r\nA: " + std::string(9000, 'b')), HasSubstr("8192"));
  EXPECT_THAT(error("--XX" + std::string(9000, ' ')), HasSubstr("line is too long"));
  const std::string part = "--XX\r\n" + disposition + "\r\nx\r\n";
  EXPECT_THAT(error(part + part + "--XX--", {.parts = 1}), HasSubstr("more than 1 part"));
  EXPECT_EQ(error(part + part + "--XX--", {.parts = 2}), "");
}

TEST(Multipart, StopsWhereACallbackFails) {
  std::vector<Part> parts;
  auto callbacks = collect(parts);
  callbacks.on_data = [](std::string_view) -> Result<void> { return fail(Errc::io, "disk full"); };
  MultipartParser parser("XX", callbacks);
  const auto fed = parser.feed(form());
  ASSERT_FALSE(fed.has_value());
  EXPECT_EQ(fed.error().message, "disk full");
  EXPECT_EQ(parser.finish().error().code, Errc::io);
}

TEST(MultipartBoundary, IsReadFromTheContentType) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc").value(), "abc");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"").value(),
            "a b");
  EXPECT_TRUE(multipart_boundary("multipart/form-data; boundary=" + std::string(70, 'a')));
  for (const std::string bad :
       {"multipart/mixed; boundary=a", "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=a\"b", "text/plain"}) {
    EXPECT_FALSE(multipart_boundary(bad)) << bad;
  }
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
}

}  // namespace
}  // namespace steno::http
