#include "pipeline/decode/tracks.h"

#include <algorithm>
#include <vector>

namespace steno::decode {
namespace {

constexpr int kMostNamed = 8;
constexpr std::size_t kLongestTitle = 40;

const AVCodec* decoder_of(const AVStream* stream) {
  return avcodec_find_decoder(stream->codecpar->codec_id);
}

std::string tracks_text(std::size_t count) {
  return count == 1 ? "has one audio track (0)"
                    : "has " + std::to_string(count) + " audio tracks (0 to " +
                          std::to_string(count - 1) + ")";
}

std::string tag(const AVStream* stream, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(stream->metadata, key, nullptr, 0);
  std::string text = entry == nullptr ? "" : entry->value;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (text.size() > kLongestTitle) text.resize(kLongestTitle);
  return text == "und" ? "" : text;
}

/// "1 (spa, Commentary)".
std::string describe(const std::vector<AVStream*>& tracks, std::size_t number) {
  const std::string language = tag(tracks[number], "language");
  const std::string title = tag(tracks[number], "title");
  const std::string both = language + (language.empty() || title.empty() ? "" : ", ") + title;
  return std::to_string(number) + (both.empty() ? "" : " (" + both + ")");
}

std::size_t default_track(const std::vector<AVStream*>& tracks) {
  const auto can_be_decoded = [](const AVStream* s) { return decoder_of(s) != nullptr; };
  const auto is_default = [&](const AVStream* s) {
    return (s->disposition & AV_DISPOSITION_DEFAULT) != 0 && can_be_decoded(s);
  };
  auto found = std::ranges::find_if(tracks, is_default);
  if (found == tracks.end()) found = std::ranges::find_if(tracks, can_be_decoded);
  return found == tracks.end() ? 0 : static_cast<std::size_t>(found - tracks.begin());
}

/// The line about the other tracks, for a track that was not chosen by number.
std::string note_about(const std::vector<AVStream*>& tracks, std::size_t chosen) {
  std::string others;
  int named = 0;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (i == chosen) continue;
    if (++named > kMostNamed) continue;
    others += (others.empty() ? "" : ", ") + describe(tracks, i);
  }
  if (named > kMostNamed) others += " and " + std::to_string(named - kMostNamed) + " more";
  return "audio track " + describe(tracks, chosen) + " is read; audio_track can choose " + others;
}

}  // namespace

Result<Track> choose_track(AVFormatContext& format, std::optional<int> wanted) {
  std::vector<AVStream*> tracks;
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    AVStream* stream = format.streams[i];
    stream->discard = AVDISCARD_ALL;
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) tracks.push_back(stream);
  }
  if (tracks.empty()) return fail(Errc::bad_audio, "has no audio track");
  if (wanted && (*wanted < 0 || *wanted >= static_cast<int>(tracks.size()))) {
    return fail(Errc::bad_audio,
                tracks_text(tracks.size()) + ", no track " + std::to_string(*wanted));
  }
  const std::size_t chosen = wanted ? static_cast<std::size_t>(*wanted) : default_track(tracks);
  Track track;
  track.stream = tracks[chosen];
  track.stream->discard = AVDISCARD_DEFAULT;
  track.codec = decoder_of(track.stream);
  if (!wanted && tracks.size() > 1) track.note = note_about(tracks, chosen);
  return track;
}

}  // namespace steno::decode
