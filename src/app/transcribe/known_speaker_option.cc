#include "app/transcribe/known_speaker_option.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "base/base64.h"
#include "options/known_speaker_check.h"
#include "options/option_table.h"

namespace steno::app {
namespace {

const Option<TranscribeOptions>& speakers_row() {
  return *std::ranges::find(transcribe_option_table(), OptionType::speakers,
                            &Option<TranscribeOptions>::type);
}

Result<std::string> content_of(const std::string& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  std::ifstream file(path, std::ios::binary);
  if (missing || !file) {
    return fail(Errc::not_found, "known_speaker: the recording " + path + " cannot be read");
  }
  if (size > kMostReferenceBytes) {
    return fail(Errc::invalid_argument,
                "known_speaker: " + path + " must be a recording of 2 to 10 s, of at most 1 MiB");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void append(std::vector<KnownSpeaker>& speakers, std::string_view text) {
  if (text == "none") return speakers.clear();
  auto speaker = read_known_speaker(text);
  if (!speaker) throw CLI::ValidationError(speaker.error().message);
  speakers.push_back(*std::move(speaker));
  if (const auto good = speakers_row().checked(speakers); !good) {
    throw CLI::ValidationError(good.error().message);
  }
}

}  // namespace

Result<KnownSpeaker> read_known_speaker(std::string_view text) {
  const auto sign = text.find('=');
  if (sign == std::string_view::npos || sign == 0 || sign + 1 == text.size()) {
    return fail(Errc::invalid_argument,
                "known_speaker must be NAME=FILE, not \"" + std::string(text.substr(0, 60)) + "\"");
  }
  const auto bytes = content_of(std::string(text.substr(sign + 1)));
  if (!bytes) return tl::unexpected(bytes.error());
  return KnownSpeaker{std::string(text.substr(0, sign)), encode_base64(*bytes)};
}

void add_known_speaker_option(CLI::App& command, std::vector<KnownSpeaker>& speakers) {
  command
      .add_option_function<std::vector<std::string>>(
          "--known-speaker",
          [&speakers](const std::vector<std::string>& texts) {
            for (const auto& text : texts) append(speakers, text);
          },
          speakers_row().help + ". May be given several times; none: no known speakers")
      ->type_name("NAME=FILE")
      ->group(speakers_row().group)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace steno::app
