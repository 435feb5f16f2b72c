#include "transcript/writers.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>
#include <vector>

#include "transcript/cues.h"
#include "transcript/json.h"
#include "transcript/rttm.h"
#include "transcript/text.h"

namespace steno {
namespace {

struct FormatRow {
  Format format;
  std::string_view name;
  std::string_view extension;
};

constexpr std::array<FormatRow, 7> kFormats = {
    {{Format::txt, "txt", "txt"},
     {Format::json, "json", "json"},
     {Format::srt, "srt", "srt"},
     {Format::vtt, "vtt", "vtt"},
     {Format::tsv, "tsv", "tsv"},
     {Format::rttm, "rttm", "rttm"},
     {Format::verbose_json, "verbose_json", "verbose.json"}}};
constexpr std::string_view kZeroWidthSpace = "\xE2\x80\x8B";

long long milliseconds(double seconds) {
  return std::isfinite(seconds) ? std::max(0LL, std::llround(seconds * 1000)) : 0;
}

/// "01:02:03,456"; hours have as many digits as needed.
std::string clock(long long milliseconds, char point) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld%c%03lld", milliseconds / 3600000,
                milliseconds / 60000 % 60, milliseconds / 1000 % 60, point, milliseconds % 1000);
  return text.data();
}

std::string escaped_for_vtt(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// srt has no escapes, so this prevents players from reading text as a tag or as `{\an8}`.
std::string neutralised_for_srt(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result += text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const bool is_plain = next == ' ' || std::isdigit(static_cast<unsigned char>(next)) != 0;
    const bool opens_tag =
        (text[i] == '<' && !is_plain) || (text[i] == '{' && (next == '\\' || next == '\0'));
    if (opens_tag) result += kZeroWidthSpace;
  }
  return result;
}

/// The label of a voice in a format without a field for it; vtt has a tag.
std::string label(const Voice& voice) {
  if (!voice.speaker.empty()) return text::one_line(voice.speaker) + ": ";
  return voice.channel ? "Channel " + std::to_string(*voice.channel) + ": " : "";
}

std::string no_label(const Voice&) { return {}; }

std::string tag(const Voice& voice) {
  const std::string name = label(voice);
  return name.empty() ? "" : "<v " + escaped_for_vtt(name.substr(0, name.size() - 2)) + ">";
}

/// "[00:01:02] "
std::string time_of_day(double seconds) {
  const std::string exact = clock(milliseconds(seconds), '.');
  return "[" + exact.substr(0, exact.find('.')) + "] ";
}

/// The label of a voice in txt, with the start if the speaker is known.
std::string text_label(const Voice& voice, double start) {
  return (voice.speaker.empty() ? "" : time_of_day(start)) + label(voice);
}

/// Paragraphs separated by empty lines.
std::string text_of(const std::vector<Passage>& paragraphs) {
  std::string text;
  for (const auto& paragraph : paragraphs) {
    text += (text.empty() ? "" : "\n") +
            text_label({paragraph.speaker, paragraph.channel}, paragraph.start) +
            text::one_line(paragraph.text()) + "\n";
  }
  return text;
}

std::string text_of(const Cue& cue, Format format) {
  const bool is_vtt = format == Format::vtt;
  const auto safe = is_vtt ? escaped_for_vtt : neutralised_for_srt;
  std::string text;
  for (const auto& piece : cue.pieces) {
    if (!piece.is_highlighted) {
      text += safe(piece.word);
      continue;
    }
    const auto start = std::min(piece.word.find_first_not_of(" \n"), piece.word.size());
    text += piece.word.substr(0, start) + "<u>" + safe(piece.word.substr(start)) + "</u>";
  }
  // Also an arrow formed by two words, or the rest of a longer one.
  for (auto at = text.find("-->"); at != std::string::npos; at = text.find("-->")) {
    text.erase(at, 1);
  }
  return (is_vtt ? tag(cue.voice) : neutralised_for_srt(label(cue.voice))) + text;
}

std::string tsv_line(const Segment& segment, std::string_view text) {
  const auto start = milliseconds(segment.start);
  return std::to_string(start) + "\t" + std::to_string(std::max(start, milliseconds(segment.end))) +
         "\t" + std::string(text) + "\n";
}

}  // namespace

Result<Format> parse_format(std::string_view name) {
  std::string known;
  for (const FormatRow& row : kFormats) {
    if (row.name == name) return row.format;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail(Errc::invalid_argument,
              "no format \"" + text::one_line(name) + "\"; there are " + known);
}

std::string_view name_of(Format format) {
  return std::ranges::find(kFormats, format, &FormatRow::format)->name;
}

std::string_view extension_of(Format format) {
  return std::ranges::find(kFormats, format, &FormatRow::format)->extension;
}

bool needs_whole(Format format) {
  return format == Format::json || format == Format::rttm || format == Format::verbose_json;
}

Result<CueRule> parse_cue_rule(std::string_view name) {
  if (name == "sentences") return CueRule::sentences;
  if (name == "segments") return CueRule::segments;
  return fail(Errc::invalid_argument,
              "cues must be sentences or segments, not \"" + text::one_line(name) + "\"");
}

Result<void> validate(const SubtitleOptions& options) {
  const std::array<std::pair<std::string_view, std::optional<int>>, 3> values = {
      {{"max_line_width", options.max_line_width},
       {"max_line_count", options.max_line_count},
       {"max_words_per_line", options.max_words_per_line}}};
  for (const auto& [name, value] : values) {
    if (value && *value < 1) {
      return fail(Errc::invalid_argument,
                  std::string(name) + " must be at least 1, not " + std::to_string(*value));
    }
  }
  return {};
}

struct StreamWriter::State {
  Format format;
  std::unique_ptr<CueCutter> cutter;
  int cues = 0;

  std::string write(const std::vector<Cue>& ready) {
    std::string out;
    for (const auto& cue : ready) {
      const auto start = milliseconds(cue.start);
      const auto end = std::max(start, milliseconds(cue.end));
      const char point = format == Format::vtt ? '.' : ',';
      if (format == Format::srt) out += std::to_string(++cues) + "\n";
      out += clock(start, point) + " --> " + clock(end, point) + "\n";
      out += text_of(cue, format) + "\n\n";
    }
    return out;
  }
};

StreamWriter::StreamWriter(Format format, SubtitleOptions options)
    : state_(
          new State{format, make_cue_cutter(options, format == Format::srt ? label : no_label)}) {
  if (format == Format::verbose_json || format == Format::rttm) {
    throw std::invalid_argument(std::string(name_of(format)) + " is written of whole transcripts");
  }
}
StreamWriter::~StreamWriter() = default;
StreamWriter::StreamWriter(StreamWriter&&) noexcept = default;
StreamWriter& StreamWriter::operator=(StreamWriter&&) noexcept = default;

std::string StreamWriter::header() const {
  if (state_->format == Format::vtt) return "WEBVTT\n\n";
  if (state_->format == Format::tsv) return "start\tend\ttext\n";
  return "";
}

std::string StreamWriter::segment(const Segment& segment) {
  if (state_->format == Format::json) return to_json_line(segment);
  if (state_->format == Format::srt || state_->format == Format::vtt) {
    std::vector<Cue> ready;
    state_->cutter->add(segment, ready);
    return state_->write(ready);
  }
  const std::string line = text::one_line(segment.text);
  const auto shown = text::trim(line);
  if (shown.empty()) return "";
  if (state_->format == Format::tsv) return tsv_line(segment, shown);
  return text_label(voice_of(segment), segment.start) + std::string(shown) + "\n";
}

std::string StreamWriter::finish() {
  std::vector<Cue> ready;
  state_->cutter->finish(ready);
  return state_->write(ready);
}

std::string write(const Transcript& transcript, Format format, const SubtitleOptions& options) {
  if (format == Format::json) return to_json(transcript);
  if (format == Format::verbose_json) return to_verbose_json(transcript, "transcribe");
  if (format == Format::rttm) return to_rttm(transcript, "");
  if (format == Format::txt && !transcript.paragraphs.empty()) {
    return text_of(transcript.paragraphs);
  }
  StreamWriter writer(format, options);
  std::string out = writer.header();
  for (const auto& segment : transcript.segments) out += writer.segment(segment);
  return out + writer.finish();
}

}  // namespace steno
