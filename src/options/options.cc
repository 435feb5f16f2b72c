#include "options/options.h"

#include <algorithm>

#include "options/option_table.h"

namespace steno {
namespace {

template <class Owner>
Result<void> check_each(const std::vector<Option<Owner>>& table, const Owner& options) {
  for (const Option<Owner>& row : table) {
    const auto good = row.checked(row.get(options));
    if (!good) return tl::unexpected(good.error());
  }
  return {};
}

// Rules that involve more than one value.

Result<void> check_clips(const std::vector<double>& clips) {
  for (size_t i = 1; i < clips.size(); ++i) {
    // A clip may start where the previous one ends, but must not be empty.
    const bool is_end = i % 2 == 1;
    if (is_end ? clips[i] > clips[i - 1] : clips[i] >= clips[i - 1]) continue;
    return fail(Errc::invalid_argument,
                "clip_timestamps must be start,end,start,end… in rising order, not \"" +
                    option_text(clips).substr(0, 60) + "\"");
  }
  return {};
}

Result<void> check_vad(const VadOptions& vad) {
  if (vad.neg_threshold && *vad.neg_threshold > vad.threshold) {
    return fail(Errc::invalid_argument, "vad_neg_threshold must be at most vad_threshold (" +
                                            option_text(vad.threshold) + "), not \"" +
                                            option_text(*vad.neg_threshold) + "\"");
  }
  if (vad.max_speech_duration_s && *vad.max_speech_duration_s * 1000 < vad.min_speech_duration_ms) {
    return fail(Errc::invalid_argument,
                "vad_max_speech_duration_s must be at least vad_min_speech_duration_ms, not \"" +
                    option_text(*vad.max_speech_duration_s) + "\"");
  }
  return {};
}

Result<void> check_speakers(const SpeakerOptions& speakers, Channels channels) {
  const auto contradicts = [](const char* option, const char* other) {
    return fail(Errc::invalid_argument, std::string(option) + " and " + other +
                                            " contradict each other: num_speakers stands alone, "
                                            "and min_speakers is at most max_speakers");
  };
  if (speakers.num_speakers && speakers.min_speakers) {
    return contradicts("num_speakers", "min_speakers");
  }
  if (speakers.num_speakers && speakers.max_speakers) {
    return contradicts("num_speakers", "max_speakers");
  }
  if (speakers.min_speakers > speakers.max_speakers && speakers.max_speakers) {
    return contradicts("min_speakers", "max_speakers");
  }
  const char* given = speakers.num_speakers              ? "num_speakers"
                      : speakers.min_speakers            ? "min_speakers"
                      : speakers.max_speakers            ? "max_speakers"
                      : !speakers.known_speakers.empty() ? "known_speakers"
                      : !speakers.require.empty()        ? "require"
                                                         : nullptr;
  if (given == nullptr) return {};
  if (!speakers.diarize) {
    return fail(Errc::invalid_argument, std::string(given) + " has no effect without diarize");
  }
  if (channels == Channels::split) {
    return fail(Errc::invalid_argument, std::string(given) +
                                            " has no effect with channels split, where each "
                                            "channel is a speaker");
  }
  return {};
}

}  // namespace

Result<void> validate(const TranscribeOptions& options) {
  if (auto good = check_each(transcribe_option_table(), options); !good) return good;
  if (auto good = check_clips(options.clip_timestamps); !good) return good;
  if (auto good = check_vad(options.vad); !good) return good;
  if (auto good = check_speakers(options.speakers, options.channels); !good) return good;
  return {};
}

Result<void> validate(const DeviceOptions& options) {
  if (auto good = check_each(device_option_table(), options); !good) return good;
  std::vector<int> sorted = options.device_index;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return fail(Errc::invalid_argument, "device_index must name each GPU once");
  }
  return {};
}

}  // namespace steno
